// The checkout of one purchase. What it costs is always the server's word; the page only shows it.

import { h, inLanguage, onLanguage, recall, safeUrl, setLanguage, start, t } from "/static/base.js";

const WAIT_MS = 400;
const LOOK_AGAIN_MS = 3000;
const byId = (id) => document.getElementById(id);
const form = byId("address");
const here = location.pathname.replace(/\/$/, "");
let view = null;
let placed = false; // whether what it costs was reckoned for some place
let asked = 0;

const given = () => Object.fromEntries(new FormData(form));

async function send(path, body) {
  const headers = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };
  const response = await fetch(`${here}/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail), answer);
  return answer;
}

// ---- what it costs

function line(one) {
  const picture = safeUrl(one.picture);
  return h(
    "li",
    {},
    h("figure", {}, picture ? h("img", { src: picture, alt: "" }) : ""),
    h("div", {}, h("b", {}, inLanguage(one.name)), h("small", {}, `${inLanguage(one.details)} · ${one.price} × ${one.pieces}`)),
    h("span", {}, one.costs),
  );
}

function row(name, value, kind = "") {
  return [h("dt", { class: kind }, name), h("dd", { class: kind }, value)];
}

function postageSaid() {
  if (!view.served) return t("checkout.unserved");
  if (view.free) return t("checkout.free");
  return view.postage ?? t(placed ? "checkout.asked" : "checkout.later");
}

function drawTotals() {
  byId("totals").replaceChildren(
    ...row(t("checkout.goods"), view.goods),
    ...view.offers.flatMap((offer) => row(inLanguage(offer.name), offer.off ? `-${offer.off}` : "✓", "off")),
    ...row(t("checkout.postage"), postageSaid()),
    ...row(t("checkout.total"), view.total_text ?? view.reduced, "sum"),
  );
}

function note(key, values = {}, bad = false) {
  byId("note").hidden = !key;
  byId("note").className = bad ? "note bad" : "note";
  byId("note").textContent = key ? t(key, values) : "";
}

function draw() {
  if (!view) return;
  const open = view.state === "open";
  if (view.state === "paid") note("checkout.paid", { order: view.order_id });
  else note(open ? "" : `checkout.${view.state}`, {}, true);
  byId("columns").hidden = false;
  form.hidden = !open;
  byId("lines").replaceChildren(...view.lines.map(line));
  drawTotals();
  drawHeld();
  const payable = view.total !== null && view.served;
  byId("pay").textContent = payable ? t("checkout.pay", { total: view.total_text }) : t("checkout.pay.later");
  byId("pay").disabled = !view.served;
}

function drawHeld() {
  if (!view) return;
  const seconds = Math.floor((new Date(view.held_until) - Date.now()) / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  byId("held").hidden = view.state !== "open";
  byId("held").textContent = seconds > 0 ? t("checkout.held", { time }) : t("checkout.unheld");
}

async function reckon() {
  const turn = ++asked;
  const { region, city, country } = given();
  try {
    const told = await send("totals", { region, city, country });
    if (turn !== asked) return;
    view = told;
    placed = Boolean(region.trim() || city.trim());
    draw();
  } catch (error) {
    if (turn === asked) failed(error);
  }
}

// ---- paying

function failed(error) {
  if (error.status === 404) return note("checkout.unknown", {}, true);
  const field = form.elements[error.key];
  for (const input of form.elements) input.removeAttribute("aria-invalid");
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
  const key = `checkout.bad.${error.key}`;
  byId("problem").hidden = false;
  byId("problem").textContent = t(key) === key ? t("checkout.failed") : t(key);
}

async function pay() {
  byId("problem").hidden = true;
  byId("pay").disabled = true;
  await reckon();
  try {
    const missing = ["name", "phone", "region", "city", "line"].find((name) => !given()[name].trim());
    if (missing) throw Object.assign(new Error(), { key: missing });
    if (view.total === null) throw Object.assign(new Error(), { key: view.served ? "postage" : "region" });
    const { url } = await send("pay", { ...given(), total: view.total, currency: view.currency });
    if (safeUrl(url)) location.assign(url);
  } catch (error) {
    failed(error);
    if (error.status === 409) await reckon();
  }
  byId("pay").disabled = false;
}

let waiting;
form.addEventListener("input", (event) => {
  event.target.removeAttribute("aria-invalid");
  byId("problem").hidden = true;
  if (!["region", "city", "country"].includes(event.target.name)) return;
  clearTimeout(waiting);
  waiting = setTimeout(reckon, WAIT_MS);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  pay();
});
onLanguage(draw);
start();
await reckon();
if (view && !recall("language")) setLanguage(view.language);
setInterval(drawHeld, 1000);
setInterval(() => document.hidden || view?.state !== "open" || reckon(), LOOK_AGAIN_MS * 5);
// Whoever comes back from paying sees what became of it, as soon as the provider has said so.
if (new URLSearchParams(location.search).has("paid")) {
  const looking = setInterval(() => (view?.state === "paid" ? clearInterval(looking) : reckon()), LOOK_AGAIN_MS);
}
