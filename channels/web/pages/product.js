// A product from all sides. The picture stands there until the model has come, and stays where there is none.

import { h, inLanguage, onLanguage, safeUrl, start, t } from "/static/base.js";

const byId = (id) => document.getElementById(id);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let shown = null;
let viewer = null;
let loaded = false;

// ---- in words

function sizeInWords() {
  if (!shown.dimensions) return t("product.unstated");
  const edges = shown.dimensions.edges_cm.map((edge) => `${+(edge / 2.54).toFixed(1)}″`).join(" × ");
  return `${inLanguage(shown.dimensions.text)}${document.documentElement.lang === "en" ? ` (${edges})` : ""}`;
}

function note() {
  if (!shown.glb) return t("product.flat");
  if (!shown.viewer) return t("product.unable");
  return loaded ? t("product.turn") : t("product.coming");
}

function draw() {
  if (!shown) return;
  document.title = inLanguage(shown.name);
  byId("name").textContent = inLanguage(shown.name);
  byId("price").textContent = shown.price;
  byId("description").textContent = inLanguage(shown.description);
  byId("dimensions").textContent = sizeInWords();
  byId("note").textContent = note();
  byId("picture").alt = inLanguage(shown.name);
  viewer?.setAttribute("alt", `${inLanguage(shown.name)}, ${sizeInWords()}`);
  drawColours();
}

// ---- colours are the model's own variants, named as the shop names them in English

function drawColours() {
  const named = viewer?.availableVariants ?? [];
  const colours = shown.colours.filter((colour) => named.includes(colour.en));
  byId("colours").hidden = colours.length < 2;
  const current = viewer?.variantName ?? colours[0]?.en;
  byId("choices").replaceChildren(
    ...colours.map((colour) =>
      h("button", { class: "choice", type: "button", "aria-pressed": String(colour.en === current), onclick: () => paint(colour.en) },
        inLanguage(colour)),
    ),
  );
}

function paint(name) {
  viewer.variantName = name;
  drawColours();
}

// ---- the model

async function drawModel() {
  await import("/libraries/model-viewer.js");
  viewer = h("model-viewer", {
    src: shown.glb,
    "ios-src": shown.usdz,
    poster: safeUrl(shown.picture),
    ar: true,
    "ar-scale": "fixed",
    "ar-modes": "webxr scene-viewer quick-look",
    "camera-controls": true,
    "touch-action": "pan-y",
    "shadow-intensity": "0.8",
    "interaction-prompt": still ? "none" : "auto",
    "environment-image": "neutral",
  });
  viewer.append(h("button", { slot: "ar-button", "aria-hidden": "true", tabindex: "-1" }));
  viewer.addEventListener("load", arrived);
  viewer.addEventListener("error", failed);
  byId("view").append(viewer);
  byId("picture").hidden = true;
  draw();
}

// Only now is it known whether this device can show it in the room.
function arrived() {
  loaded = true;
  byId("ar").hidden = !viewer.canActivateAR;
  draw();
}

function failed() {
  viewer?.remove();
  viewer = null;
  shown.glb = null;
  byId("picture").hidden = false;
  draw();
}

// ---- from here to a phone

async function drawCode() {
  const { default: qrcode } = await import("/libraries/qrcode.js");
  const code = qrcode(0, "M");
  code.addData(shown.address);
  code.make();
  byId("qr").innerHTML = code.createSvgTag({ scalable: true, margin: 0 });
  byId("phone").hidden = false;
}

async function open() {
  const response = await fetch(`${location.pathname.replace(/\/$/, "")}/view`);
  if (!response.ok) {
    byId("missing").hidden = false;
    byId("missing").textContent = (await response.json()).detail;
    return;
  }
  shown = await response.json();
  byId("product").hidden = false;
  byId("ask").href = `/chat?product=${encodeURIComponent(shown.id)}`;
  if (safeUrl(shown.picture)) byId("picture").src = shown.picture;
  else byId("picture").hidden = true;
  draw();
  if (shown.glb && shown.viewer) drawModel().catch(failed);
  if (shown.glb && shown.qr) drawCode();
}

byId("ar").addEventListener("click", () => viewer.activateAR());
onLanguage(draw);
start();
open();
