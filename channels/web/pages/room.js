// The live room: what is on screen, the shelf, and the stream of comments and answers.

import { h, icon, inLanguage, keep, language, linked, newId, onLanguage, recall, safeUrl, start, t, toast } from "/static/base.js";
import { Line } from "/static/line.js";
import { extras } from "/static/reply.js";

const MAX_SHOWN = 120;
const byId = (id) => document.getElementById(id);
const room = new URLSearchParams(location.search).get("room") ?? "main";
const seen = new Set();
const state = { shelf: [], onScreen: null, viewers: 0, tag: "", host: "closed", sells: false };

// ---- the stage and the shelf

const shown = () => state.shelf.find((item) => item.product_id === state.onScreen);

function stock(item) {
  const level = item.stock === 0 ? "none" : item.stock <= 5 ? "few" : "some";
  return h("span", { class: `stock ${level}` }, t(`stock.${level}`, { n: item.stock }));
}

function price(item) {
  return h(
    "span",
    { class: "price" },
    h("b", {}, item.price),
    item.from ? h("small", {}, t("price.from")) : "",
    item.compare_at ? h("s", {}, item.compare_at) : "",
  );
}

const picture = (item) => (safeUrl(item.picture) ? h("img", { src: item.picture, alt: "" }) : "");

function chatAddress(item) {
  const about = new URLSearchParams({ room });
  if (item) about.set("product", item.product_id);
  return `/chat?${about}`;
}

// Nothing is bought where others read along: the private chat begins it.
function buy(item) {
  const address = `${chatAddress(item)}&buy=1`;
  return state.sells && item.stock > 0 ? h("a", { class: "button small", href: address }, t("chat.buy")) : "";
}

function drawStage() {
  const item = shown();
  byId("private").href = chatAddress(item);
  if (!item) {
    byId("stage").replaceChildren(h("p", { class: "idle" }, h("span", { class: "idle-ring" }, icon("bag")), t("room.idle")));
    return;
  }
  byId("stage").replaceChildren(
    h("figure", { class: "show", "aria-hidden": "true" }, picture(item)),
    h(
      "div",
      { class: "caption" },
      h("span", { class: "now" }, h("i"), h("i"), h("i"), t("room.now")),
      h("h1", {}, item.number ? h("span", { class: "number" }, String(item.number)) : "", inLanguage(item.name)),
      h("p", { class: "caption-text" }, inLanguage(item.description)),
      h("p", { class: "caption-facts" }, price(item), stock(item), buy(item)),
      h(
        "p",
        { class: "caption-sizes" },
        ...item.colors.map((color) => h("span", {}, inLanguage(color))),
        ...item.sizes.map((size) => h("span", {}, size)),
      ),
    ),
  );
}

function shelfRow(item, act) {
  return h(
    "li",
    { class: item.product_id === state.onScreen ? "row current" : "row" },
    h("figure", {}, picture(item), item.number ? h("span", { class: "number" }, String(item.number)) : ""),
    h(
      "div",
      { class: "row-words" },
      h("span", { class: "row-name" }, inLanguage(item.name)),
      stock(item),
      h("span", { class: "row-end" }, price(item), act),
    ),
  );
}

function drawShelf() {
  const ask = (item) => h("a", { class: "button quiet small", href: chatAddress(item) }, t("room.ask"));
  const acts = (item) => h("span", { class: "row-acts" }, ask(item), buy(item));
  for (const id of ["shelf", "shelf-in-sheet"]) {
    byId(id).replaceChildren(...state.shelf.map((item) => shelfRow(item, acts(item))));
  }
  byId("shelf-count").textContent = t("room.shelf.count", { n: state.shelf.length });
  byId("shelf-badge").textContent = state.shelf.length;
  byId("open-shelf").ariaLabel = `${t("room.shelf")}: ${t("room.shelf.count", { n: state.shelf.length })}`; // what is seen is heard
  byId("host-list").replaceChildren(...state.shelf.map((item) => shelfRow(item, showButton(item))));
}

function showButton(item) {
  const current = item.product_id === state.onScreen;
  return h(
    "button",
    { class: "button small", type: "button", disabled: current, onclick: () => show(item.product_id) },
    t(current ? "room.host.shown" : "room.host.show"),
  );
}

async function show(productId) {
  const headers = { "Content-Type": "application/json" };
  if (state.host === "token") headers.Authorization = `Bearer ${byId("token").value}`;
  const body = JSON.stringify({ product_id: productId });
  const response = await fetch(`/live/${encodeURIComponent(room)}/screen`, { method: "POST", headers, body });
  if (!response.ok) toast((await response.json()).detail);
}

function drawViewers() {
  byId("viewers").textContent = t("room.viewers", { n: state.viewers.toLocaleString(language) });
}

// ---- the stream

const atEnd = () => byId("scroll").scrollHeight - byId("scroll").scrollTop - byId("scroll").clientHeight < 80;

function toEnd() {
  byId("scroll").scrollTop = byId("scroll").scrollHeight;
  byId("latest").hidden = true;
}

function append(node) {
  const follow = atEnd() || node.classList.contains("mine");
  byId("stream").append(node);
  while (byId("stream").children.length > MAX_SHOWN) byId("stream").firstChild.remove();
  byId("empty").hidden = true;
  if (follow) toEnd();
  else byId("latest").hidden = false;
}

function hue(tag) {
  return parseInt(tag.slice(0, 4), 16) % 360;
}

function comment(said) {
  byId(`c-${said.id}`)?.remove(); // hidden before, and shown by the host
  const mine = said.viewer === state.tag;
  const name = h("b", {}, said.name);
  name.style.setProperty("--hue", hue(said.viewer));
  const note = said.hidden ? h("small", {}, t("room.hidden")) : "";
  const kind = ["said", mine && "mine", said.hidden && "hidden-said"].filter(Boolean).join(" ");
  append(h("li", { class: kind, id: `c-${said.id}` }, name, h("span", {}, said.text), note));
}

function addressed(told) {
  if (!told.names.length) return t("room.answer");
  const names = told.names.map((name) => `@${name}`).join(language === "zh" ? "、" : ", ");
  return t(told.asked > told.names.length ? "room.reply.many" : "room.reply.to", { names, n: told.asked });
}

function answer(told) {
  for (const id of told.corrects ?? []) byId(`r-${id}`)?.classList.add("void");
  append(
    h(
      "li",
      { class: told.void ? "answer void" : "answer", id: `r-${told.id}` },
      h("p", { class: "answer-head" }, icon("check"), h("span", {}, addressed(told)), asked(told)),
      told.question ? h("p", { class: "answer-question" }, told.question) : "",
      told.text ? h("p", { class: "answer-text" }, ...linked(told.text)) : "",
      ...extras(told, choose),
    ),
  );
}

const asked = (told) => (told.asked > 1 ? h("em", {}, t("room.asked", { n: told.asked })) : "");

function credit(told) {
  for (const id of told.replies) {
    const head = byId(`r-${id}`)?.querySelector(".answer-head");
    head?.replaceChildren(icon("check"), h("span", {}, addressed(told)), asked(told));
  }
}

function secret(told) {
  if (seen.has(told.id)) return;
  seen.add(told.id);
  append(
    h(
      "li",
      { class: "answer secret" },
      h("p", { class: "answer-head" }, icon("eye"), h("span", {}, t("room.secret"))),
      h("p", { class: "answer-text" }, ...linked(told.text)),
      ...extras(told, choose),
    ),
  );
}

const choose = (payload) => say(payload);

function say(text) {
  line.send({ type: "comment", id: newId(), text });
}

function accepted(frame) {
  const said = frame.comment && byId(`c-${frame.comment}`);
  if (said && frame.fate === "join") said.append(h("small", {}, t("room.joined")));
}

// ---- the line to the room

function welcome(frame) {
  keep("person", frame.viewer);
  Object.assign(state, { tag: frame.tag, host: frame.host, viewers: frame.viewers, sells: frame.sells });
  byId("open-host").hidden = frame.host === "closed";
  byId("token-field").hidden = frame.host !== "token";
  byId("stream").replaceChildren();
  byId("empty").hidden = false;
  for (const told of frame.history) receive(told);
  shelf(frame);
  drawViewers();
  toEnd();
}

function shelf(frame) {
  Object.assign(state, { shelf: frame.shelf, onScreen: frame.on_screen });
  drawStage();
  drawShelf();
}

function receive(frame) {
  switch (frame.type) {
    case "welcome": return welcome(frame);
    case "shelf": return shelf(frame);
    case "comment": return comment(frame);
    case "reply": return answer(frame);
    case "credit": return credit(frame);
    case "accepted": return accepted(frame);
    case "presence":
      state.viewers = frame.viewers;
      return drawViewers();
    case "private":
      line.confirm(frame.id);
      return secret(frame);
    case "refused":
      return toast(frame.problem.text ?? t("line.refused", { detail: frame.problem.detail }));
  }
}

function lineState(kind, reason) {
  byId("line").hidden = kind === "open";
  byId("line").textContent = kind === "closed" ? `${t("room.gone")} ${reason}` : t("line.lost");
}

let line;
onLanguage(() => {
  if (!line) return;
  line.restart(); // the room greets and answers in the new language
});
start();
line = new Line(`/live/${encodeURIComponent(room)}/ws`, {
  hello: () => ({ type: "hello", viewer: recall("person"), locale: document.documentElement.lang }),
  on: receive,
  state: lineState,
});

byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  if (!text) return;
  say(text);
  byId("text").value = "";
});
byId("scroll").addEventListener("scroll", () => atEnd() && (byId("latest").hidden = true));
byId("latest").addEventListener("click", toEnd);
byId("open-shelf").addEventListener("click", () => byId("shelf-sheet").showModal());
byId("console").href = `/host?room=${encodeURIComponent(room)}`;
byId("open-host").addEventListener("click", () => byId("host").showModal());
byId("clear").addEventListener("click", () => show(null));
