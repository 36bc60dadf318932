// The private chat. What was said is kept in this browser, so that a reload shows it again.

import {
  h, icon, inLanguage, keep, linked, newId, onLanguage, recall, safeUrl, setLanguage, start, t, toast,
} from "/static/base.js";
import * as embed from "/static/embed.js";
import { Line } from "/static/line.js";
import { TEXTS } from "/static/texts.js";
import { extras } from "/static/reply.js";

const MAX_KEPT = 80;
const MAX_PHOTOS = 4;
// The answers that find fault with a picture itself: another one is wanted, and the page says which.
const REFUSED = [413, 422];
const TYPING_MS = 20000;
const THUMBNAIL = 320;
const TRIES = ["chat.try1", "chat.try2", "chat.try3", "chat.try4"];
const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const about = { room: query.get("room") ?? "main", product: query.get("product") };
let said = JSON.parse(recall("chat") ?? "[]");
let photos = []; // {digest, media_type, thumbnail}
let speaker = "";
let shown = null; // the product that it is about, as the shop knows it: {product_id, name, picture}

// ---- what was said

function remember(item) {
  said = [...said, item].slice(-MAX_KEPT);
  keep("chat", JSON.stringify(said));
}

const known = (id) => said.some((item) => item.id === id);

function toEnd() {
  byId("scroll").scrollTop = byId("scroll").scrollHeight;
}

function append(node) {
  byId("hello").hidden = true;
  byId("log").append(node);
  toEnd();
}

function draw(item) {
  if (item.mine) drawMine(item);
  else drawReply(item);
}

function drawMine(item) {
  append(
    h(
      "li",
      { class: "mine", id: `m-${item.id}` },
      h("span", { class: "unseen" }, t("chat.you")),
      ...item.photos.map((thumbnail) => h("img", { class: "sent-photo", src: thumbnail, alt: t("chat.photo.sent") })),
      item.text ? h("p", { class: "bubble" }, item.text) : "",
      h("small", { class: "fate" }, item.sent ? "" : t("chat.waiting")),
    ),
  );
}

function drawReply(item) {
  const name = item.agent ?? "";
  if (name !== speaker) {
    const text = name ? t("chat.agent.joined", { name }) : t("chat.agent.left");
    append(h("li", { class: "notice" }, h("span", {}, text)));
    speaker = name;
    drawStatus();
  }
  const more = extras(item, choose);
  append(
    h(
      "li",
      { class: name ? "theirs agent" : "theirs" },
      h("span", { class: "speaker" }, name || t("chat.bot")),
      item.text ? h("p", { class: "bubble" }, ...linked(item.text)) : "",
      ...more,
    ),
  );
}

function drawStatus() {
  byId("status").textContent = speaker ? t("chat.agent", { name: speaker }) : t("chat.status");
}

function redraw() {
  byId("log").replaceChildren();
  byId("hello").hidden = said.length > 0;
  speaker = "";
  byId("tries").replaceChildren(
    ...TRIES.map((key) => h("button", { class: "choice", type: "button", onclick: () => say(t(key)) }, t(key))),
  );
  for (const item of said) draw(item);
  drawStatus();
}

// ---- saying something

const choose = (payload, title) => say(payload, title);

function say(text, shown = text) {
  const named = photos.map(({ digest, media_type }) => ({ digest, media_type }));
  const frame = { type: "message", id: newId(), text, photos: named, locale: document.documentElement.lang };
  const thumbnails = photos.map((photo) => photo.thumbnail);
  const item = { id: frame.id, mine: true, text: shown, photos: thumbnails, sent: false, frame };
  remember(item);
  draw(item);
  line.send(frame);
  photos = [];
  drawPreviews();
}

function settle(id, fate) {
  const item = said.find((one) => one.id === id);
  if (!item) return;
  item.sent = true;
  delete item.frame;
  keep("chat", JSON.stringify(said));
  const note = byId(`m-${id}`)?.querySelector(".fate");
  if (note) note.textContent = fate;
}

let typingEnds;
function typing(on) {
  clearTimeout(typingEnds);
  byId("typing").hidden = !on;
  if (!on) return;
  toEnd();
  typingEnds = setTimeout(() => typing(false), TYPING_MS);
}

// ---- photos

async function addPhoto(file) {
  const form = new FormData();
  form.append("photo", file);
  const response = await fetch("/chat/photos", { method: "POST", body: form });
  const answer = await response.json();
  if (REFUSED.includes(response.status)) throw new Error(t("chat.photo.wanted"));
  if (!response.ok) throw new Error(answer.detail);
  photos = [...photos, { ...answer, thumbnail: await thumbnail(file) }].slice(-MAX_PHOTOS);
  drawPreviews();
}

async function thumbnail(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, THUMBNAIL / Math.max(picture.width, picture.height));
  const canvas = h("canvas", { width: Math.ceil(picture.width * scale), height: Math.ceil(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.8);
}

function drawPreviews() {
  byId("previews").hidden = photos.length === 0;
  byId("previews").replaceChildren(
    ...photos.map((photo) =>
      h(
        "li",
        {},
        h("img", { src: photo.thumbnail, alt: "" }),
        h(
          "button",
          { class: "drop", type: "button", "aria-label": t("chat.photo.drop"), onclick: () => dropPhoto(photo) },
          icon("close"),
        ),
      ),
    ),
  );
}

function dropPhoto(photo) {
  photos = photos.filter((other) => other !== photo);
  drawPreviews();
}

// ---- the product that it is about

function drawAbout() {
  byId("about").hidden = !shown;
  byId("about-name").textContent = shown ? inLanguage(shown.name) : "";
  const picture = safeUrl(shown?.picture);
  byId("about-buy").hidden = !shown?.sells;
  byId("about-picture").hidden = !picture;
  if (picture) byId("about-picture").src = picture;
}

const buy = () =>
  say(`/buy${JSON.stringify({ product: shown.product_id, from_room: about.room })}`, `${t("chat.buy")} · ${inLanguage(shown.name)}`);

// Whoever comes by a room's "Buy" has asked for it there; once, whatever is loaded again.
function buyIfAsked() {
  const address = new URL(location.href);
  if (!address.searchParams.has("buy")) return;
  address.searchParams.delete("buy");
  history.replaceState(null, "", address);
  if (shown?.sells) buy();
}

// ---- the line

function receive(frame) {
  switch (frame.type) {
    case "welcome":
      shown = frame.about;
      drawAbout();
      keep("person", frame.user);
      return buyIfAsked();
    case "history":
      if (said.length > 0) return;
      said = frame.items.slice(-MAX_KEPT);
      keep("chat", JSON.stringify(said));
      redraw();
      return toEnd();
    case "accepted":
      settle(frame.id, "");
      return typing(!frame.repeat && !speaker);
    case "reply":
      line.confirm(frame.id);
      if (known(frame.id)) return;
      typing(false);
      remember(frame);
      embed.tell("reply");
      return draw(frame);
    case "refused":
      typing(false);
      settle(frame.id, t("chat.failed"));
      return toast(frame.problem.text ?? t("line.refused", { detail: frame.problem.detail }));
  }
}

function lineState(kind, reason) {
  byId("line").hidden = kind === "open";
  byId("line").textContent = kind === "closed" ? reason : t("line.lost");
}

onLanguage(() => {
  redraw();
  drawPreviews();
  drawAbout();
});
if (embed.embedded) embed.dress(document.documentElement);
start();
if (embed.embedded && embed.language && !recall("language")) setLanguage(embed.language);
drawAbout();
byId("back").href = `/room?room=${encodeURIComponent(about.room)}`;
const line = new Line("/chat/ws", {
  hello: () => ({
    type: "hello",
    user: recall("person"),
    locale: document.documentElement.lang,
    history: said.length === 0 && recall("person") !== null,
    ...about,
  }),
  on: receive,
  state: lineState,
});
for (const item of said) {
  if (item.frame) line.send(item.frame); // what a reload kept from being sent
}

const text = byId("text");
function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 140)}px`;
}
function submit() {
  const words = text.value.trim();
  if (!words && photos.length === 0) return;
  say(words);
  text.value = "";
  grow();
}
// Whoever comes from a live room finds typed what they asked for there; nothing is said before they send it.
const asked = `ask.${query.get("ask")}`;
if (asked in TEXTS.zh) text.value = t(asked);
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
byId("photo").addEventListener("click", () => byId("file").click());
byId("file").addEventListener("change", async () => {
  const [file] = byId("file").files;
  byId("file").value = "";
  if (!file) return;
  byId("photo").disabled = true;
  await addPhoto(file).catch((error) => toast(t("chat.photo.failed", { detail: error.message })));
  byId("photo").disabled = false;
});
// Another product, customer or person is another hello.
function discuss(product) {
  if (product === about.product) return;
  about.product = product;
  line.restart();
}
function forget() {
  keep("customer", null);
  keep("chat", null);
  keep("person", null);
}
// Who logs out at the merchant's site leaves nothing behind for the next at the same machine.
function identify(token) {
  if (token && token !== about.customer_token) {
    about.customer_token = token;
    keep("customer", "known");
    line.restart();
  } else if (!token && recall("customer")) {
    forget();
    location.reload();
  }
}
if (embed.embedded) {
  embed.listen({
    identify: ({ token }) => identify(token),
    product: ({ id }) => discuss(id),
    opened: () => text.focus(),
  });
}
byId("about-buy").addEventListener("click", buy);
byId("about-drop").addEventListener("click", () => {
  shown = null;
  drawAbout();
  discuss(null);
});
byId("over").addEventListener("click", () => {
  if (!confirm(t("chat.over.sure"))) return;
  forget();
  location.assign(embed.embedded ? location.href : "/chat");
});
toEnd();
