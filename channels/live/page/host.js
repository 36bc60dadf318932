// The host's console: answers to decide on, what nobody knows, what was hidden, and the product on screen.

import { h, inLanguage, newId, onLanguage, safeUrl, start, t, toast } from "/static/base.js";
import { Line } from "/static/line.js";
import "/host/static/texts.js";
import { AnswerList } from "/host/static/answers.js";
import { StagePanel } from "/host/static/stage.js";

const MODES = ["off", "suggest", "approve", "veto", "auto"];
const NUMBERS = ["comments_a_minute", "told", "waiting", "left", "hidden"];
const EVENTS = ["order_paid", "gift", "follow"];
const PARTS = ["answers", "stage", "unanswered", "hidden", "screen"];
const byId = (id) => document.getElementById(id);
const room = new URLSearchParams(location.search).get("room") ?? "main";
let secret = "";
let shown = null;
let line;

const act = (type, fields) => line.send({ type, id: newId(), ...fields });
const answers = new AnswerList(byId("answers"), act);
const stage = new StagePanel(byId("stage"), act);

// ---- what is shown

function draw() {
  if (!shown) return;
  byId("mode").replaceChildren(...MODES.map((mode) => h("option", { value: mode }, t(`host.mode.${mode}`))));
  byId("mode").value = shown.mode;
  byId("numbers").replaceChildren(
    ...numbers().map(([name, value]) => h("div", {}, h("dt", {}, t(`host.number.${name}`)), h("dd", {}, String(value)))),
  );
  byId("sources").hidden = !shown.sources.length;
  byId("sources").replaceChildren(...shown.sources.map(source));
  byId("unanswered").replaceChildren(...shown.unanswered.map(unanswered));
  byId("hidden").replaceChildren(...shown.hidden.map(hidden));
  byId("shelf").replaceChildren(...shown.shelf.map(goods));
  byId("stage-part").hidden = !shown.stage;
  byId("parts").classList.toggle("staged", Boolean(shown.stage));
  if (shown.stage) stage.show(shown.stage);
  for (const part of ["answers", "unanswered", "hidden"]) byId(`${part}-none`).hidden = shown[part].length > 0;
  drawTabs();
}

function drawTabs() {
  const counts = { answers: answers.open().length, unanswered: shown.unanswered.length, hidden: shown.hidden.length };
  byId("tabs").replaceChildren(
    ...PARTS.filter((part) => part !== "stage" || shown.stage).map((part) =>
      h(
        "button",
        { class: "tab", type: "button", "aria-pressed": String(byId("parts").dataset.part === part), onclick: () => turnTo(part) },
        t(`host.${part}`),
        counts[part] ? h("b", {}, String(counts[part])) : "",
      ),
    ),
  );
}

function turnTo(part) {
  byId("parts").dataset.part = part;
  drawTabs();
}

// The numbers of the room, and what was given and bought where anything was.
function numbers() {
  const { events, paid } = shown.numbers;
  const bought = EVENTS.filter((kind) => events[kind]).map((kind) => [kind, events[kind]]);
  return [...NUMBERS.map((name) => [name, shown.numbers[name]]), ...bought, ...paid.map((amount) => ["paid", amount])];
}

// One platform: how it is, what came in, and what waits to go out.
function source(one) {
  const lost = one.lost ? t("host.source.lost", { n: one.lost }) : "";
  const counts = one.state ? t("host.source.in", { n: one.received }) : "";
  const out = one.told === undefined ? "" : t("host.source.out", { n: one.told, waiting: one.waiting });
  const state = h("span", { class: "pill" }, t(`host.source.${one.state ?? "out-only"}`));
  const more = [counts, lost, out].filter(Boolean).join(" · ");
  return h("li", { "data-state": one.state ?? "", title: one.error ?? "" }, h("b", {}, one.name), state, h("span", {}, more));
}

function unanswered(one) {
  const done = () => act("dismiss", { question: one.id });
  return h(
    "li",
    { class: "row" },
    h("p", { class: "row-head" }, h("b", {}, t("host.asked", { n: one.asked }))),
    h("p", { class: "question" }, one.text),
    h("div", { class: "acts" }, h("button", { class: "button quiet small", type: "button", onclick: done }, t("host.unanswered.done"))),
  );
}

function hidden(one) {
  const show = () => act("show", { comment: one.id });
  return h(
    "li",
    { class: "row" },
    h("p", { class: "row-head" }, h("span", { class: "who" }, one.name), h("span", { class: "pill" }, t(`host.why.${one.why}`))),
    h("p", { class: "draft" }, one.text),
    h("div", { class: "acts" }, h("button", { class: "button quiet small", type: "button", onclick: show }, t("host.hidden.show"))),
  );
}

function goods(item) {
  const current = item.product_id === shown.on_screen;
  const put = () => screen(item.product_id);
  return h(
    "li",
    { class: current ? "row goods chosen" : "row goods" },
    safeUrl(item.picture) ? h("img", { src: item.picture, alt: "" }) : "",
    h("span", {}, inLanguage(item.name), h("small", {}, item.number ? `${t("link", { n: item.number })} · ${item.price}` : item.price)),
    h("button", { class: "button small", type: "button", disabled: current, onclick: put }, t(current ? "room.host.shown" : "room.host.show")),
  );
}

async function screen(productId) {
  const headers = { "Content-Type": "application/json" };
  if (secret) headers.Authorization = `Bearer ${secret}`;
  const body = JSON.stringify({ product_id: productId });
  const response = await fetch(`/live/${encodeURIComponent(room)}/screen`, { method: "POST", headers, body });
  if (!response.ok) toast((await response.json()).detail);
}

// ---- the line to the room

function receive(frame) {
  switch (frame.type) {
    case "welcome":
      answers.ahead = Date.parse(frame.now) - Date.now();
      byId("login").hidden = true;
      byId("console").hidden = false;
      return;
    case "console":
      shown = frame;
      answers.show(frame.answers);
      return draw();
    case "refused":
      stage.refused();
      return toast(frame.problem.text ?? t("line.refused", { detail: frame.problem.detail }));
  }
}

let asked = false;
function lineState(kind, reason) {
  byId("line").hidden = kind !== "lost";
  byId("line").textContent = t("line.lost");
  if (kind !== "closed") return;
  byId("console").hidden = true;
  byId("login").hidden = false;
  const noRoom = reason.startsWith("room:");
  byId("login-fault").hidden = !asked && !noRoom;
  byId("login-fault").textContent = noRoom ? t("room.gone") : t("host.wrong");
  byId("secret").focus();
}

byId("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  secret = byId("secret").value;
  asked = true;
  line.restart();
});
byId("mode").addEventListener("change", (event) => act("mode", { mode: event.target.value }));
byId("clear").addEventListener("click", () => screen(null));
byId("to-report").href = `/host/report?room=${encodeURIComponent(room)}`;
byId("to-room").href = `/room?room=${encodeURIComponent(room)}`;
byId("parts").dataset.part = "answers";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const key = event.key.toLowerCase();
  if ("jkaev".includes(key)) answers.key(key);
  else if (!stage.key(key)) return;
  event.preventDefault();
});
onLanguage(() => {
  answers.redraw();
  stage.redraw();
  draw();
});
start();
line = new Line(`/live/${encodeURIComponent(room)}/host`, {
  hello: () => (secret ? { type: "hello", token: secret } : { type: "hello" }),
  on: receive,
  state: lineState,
});
