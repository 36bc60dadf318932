// The product's second tab: in a scene that suits it, where three.js is installed and the device can draw it.

import { h, inLanguage, onLanguage, recall, safeUrl, t } from "/static/base.js";

const byId = (id) => document.getElementById(id);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const path = location.pathname.replace(/\/$/, "");
let said = null;
let product = null;
let opened = null;
let current = null;

async function read(address) {
  const person = recall("person");
  const response = await fetch(`${path}/${address}`, { headers: person ? { "Streamdesk-Person": person } : {} });
  return response.ok ? response.json() : null;
}

// ---- in words

function why() {
  const [scene, parts] = [said.scenes[current], [t(product.glb ? "scene.true" : "scene.picture")]];
  if (product.glb && scene.beside) parts.push(t("scene.beside", { name: inLanguage(scene.beside) }));
  if (current === said.scene) parts.push(t(`scene.why.${said.reason}`));
  return `${parts.join(t("list.comma"))}${t("list.stop")}${t("scene.sketch")}`;
}

function tell() {
  if (!opened) return;
  byId("scene-why").textContent = why();
  byId("scenes").replaceChildren(
    ...Object.entries(said.scenes).map(([name, scene]) =>
      h("button", { class: "choice", type: "button", "aria-pressed": String(name === current), onclick: () => show(name) },
        inLanguage(scene.title)),
    ),
  );
}

// ---- the drawing

function show(name) {
  current = name;
  const { beside, ...scene } = said.scenes[name];
  opened.show(scene, product.glb ? beside : null, beside ? inLanguage(beside) : "");
  tell();
}

async function open() {
  const coming = h("p", { class: "coming" }, t("scene.coming"));
  byId("scene").replaceChildren(coming);
  const { openScene } = await import("/static/scene/scene.js");
  opened = await openScene(byId("scene"), { glb: product.glb, picture: product.picture, label: inLanguage(product.name) }, still);
  coming.remove();
  byId("step").hidden = !opened.canStep;
  show(said.scene);
}

// Where it cannot be drawn there is the picture, and why.
function failed() {
  opened = null;
  select(false);
  byId("tab-scene").disabled = true;
  byId("scene-words").hidden = false;
  byId("scene-why").textContent = t("scene.unable");
}

function select(inScene) {
  byId("view").hidden = inScene;
  byId("scene").hidden = byId("scene-words").hidden = !inScene;
  byId("tab-view").setAttribute("aria-selected", String(!inScene));
  byId("tab-scene").setAttribute("aria-selected", String(inScene));
  if (inScene && !opened) open().catch(failed);
}

async function start() {
  product = await read("view");
  if (!product?.scenes || !(product.glb || safeUrl(product.picture))) return;
  said = await read("scene");
  if (!said) return;
  byId("tabs").hidden = false;
  if (location.hash === "#scene") select(true);
}

byId("tab-view").addEventListener("click", () => select(false));
byId("tab-scene").addEventListener("click", () => select(true));
byId("step").addEventListener("click", () => opened.step());
onLanguage(() => opened && show(current));
start();
