// The desk: coming in, what arrives live, the keyboard; the inbox and the conversation have files of their own.

import "/desk/static/texts.js";
import { onLanguage, start, t, toast } from "/static/base.js";
import { Line } from "/static/line.js";
import { ask } from "/desk/static/api.js";
import { Conversation } from "/desk/static/conversation.js";
import { Login } from "/desk/static/login.js";
import { customerName, dueName } from "/desk/static/words.js";
import { Inbox } from "/desk/static/inbox.js";

const ACTIVE_MS = 60000;
const SETTLE_MS = 120;
const byId = (id) => document.getElementById(id);
let inbox;
let conversation;
let line;
let here = [];
let away = [];
let me;
let unread = 0;
let touchedAt = 0;

function drawTitle() {
  document.title = (unread ? `(${unread}) ` : "") + t("desk.title");
}

function drawHere() {
  const parts = [here.length && t("desk.here", { names: here.join(", ") }), away.length && t("desk.away.names", { names: away.join(", ") })];
  byId("here").textContent = parts.filter(Boolean).join(" · ");
  byId("away").textContent = t(me?.away ? "desk.away" : "desk.online");
  byId("away").title = t(me?.away ? "desk.away.hint" : "desk.online.hint", { most: me?.most });
  byId("away").setAttribute("aria-checked", String(!me?.away));
}

async function turnAway() {
  try {
    me.away = (await ask("/away", { away: !me.away })).away;
    drawHere();
  } catch (refusal) {
    failed(refusal);
  }
}

function failed(refusal) {
  if (refusal.status === 401) leave(t("desk.over"));
  else toast(t("desk.failed", { detail: refusal.message }));
}

// ---- coming in and leaving

const leave = (fault) => login.show(fault);

async function enter(known) {
  me = known;
  conversation = new Conversation({ me, failed, changed: settle });
  inbox = new Inbox({ me: me.name, open: (name) => conversation.open(name), counted, failed });
  drawHere();
  byId("console").hidden = me.role !== "owner";
  await inbox.load();
  line = new Line("/desk/ws", { hello: () => ({ type: "hello" }), on: receive, state: drawLine });
}

// ---- what arrives

function counted(counts) {
  unread = counts.unread;
  drawTitle();
}

let settling;
function settle() {
  clearTimeout(settling);
  settling = setTimeout(() => inbox.load(), SETTLE_MS);
}

function receive(frame) {
  if (frame.type === "welcome") {
    settle();
    conversation.load(); // what changed while there was no connection
  }
  if (frame.here) {
    here = frame.here;
    away = frame.away;
    if (me.away !== away.includes(me.name) && (away.includes(me.name) || here.includes(me.name))) me.away = away.includes(me.name);
    drawHere();
  }
  if (frame.type === "due") toast(`${customerName(frame.ticket)}: ${dueName(frame.ticket.due)}`);
  if (frame.type === "ticket" || frame.type === "due") {
    settle();
    if (frame.ticket.id === conversation.wanted) conversation.load();
  }
}

function drawLine(state) {
  if (state === "closed") leave(t("desk.over"));
  byId("line").hidden = state === "open";
  byId("line").textContent = t("line.lost");
}

// ---- the keyboard, and whether somebody is here

function touched() {
  if (!line || Date.now() - touchedAt < ACTIVE_MS) return;
  touchedAt = Date.now();
  line.write({ type: "active" });
}

const KEYS = {
  j: () => inbox.move(1),
  k: () => inbox.move(-1),
  Enter: () => inbox.openMarked(),
  r: () => byId("text").focus(),
  e: () => conversation.do("resolve"),
  Escape: () => back(),
};

function pressed(event) {
  touched();
  if (!inbox || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input, textarea, select");
  if (typing && event.key === "Escape") typing.blur();
  const onButton = event.key === "Enter" && event.target.closest("button, a");
  if (typing || onButton || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
}

function back() {
  conversation.close();
  inbox.current = "";
  inbox.draw();
}

addEventListener("keydown", pressed);
addEventListener("pointerdown", touched);
document.addEventListener("visibilitychange", () => document.hidden || conversation?.load());
byId("away").addEventListener("click", turnAway);
byId("back").addEventListener("click", back);
onLanguage(() => {
  drawTitle();
  drawHere();
  if (inbox) inbox.draw();
  if (conversation) conversation.draw();
});
const login = new Login({ shell: "desk", enter });
start();
await login.begin();
