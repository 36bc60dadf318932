// The stage: one host, who is drawn here, and what is said. Everything comes by /stage/socket; nothing is sent.

import "/stage/static/texts.js";
import { h, language, onLanguage, setLanguage, start, t } from "/static/base.js";
import { Line } from "/static/line.js";
import { drawAvatar, HEIGHT } from "/stage/static/avatar.js";
import { drawCard, drawTimeLeft } from "/stage/static/card.js";
import { mannerOf } from "/stage/static/manner.js";
import { Motion } from "/stage/static/motion.js";
import { Player } from "/stage/static/player.js";

const byId = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const inObs = asked.get("obs") === "1";
const stillness = matchMedia("(prefers-reduced-motion: reduce)");
// No more pixels than these are drawn; so wide is what the figure takes, in its own coordinates.
const MOST_PIXELS = 2.4e6;
const SPAN = 640;

export const player = new Player();
export const motion = new Motion({ still: stillness.matches });
const canvas = byId("figure");
const pen = canvas.getContext("2d");
const view = { scale: 1, x: 0, y: 0 };
let skin;
let shown = null; // the caption that is on
let quiet = 0; // since when nothing is said, in the motion's time

// ---- what is said

function show(caption) {
  shown = caption;
  byId("caption").hidden = !caption;
  drawAsked(caption?.asked);
  if (!caption) return;
  byId("caption").textContent = caption.text;
  byId("caption").lang = caption.language === "zh" ? "zh-CN" : "en";
  if (inObs && caption.language !== language) setLanguage(caption.language); // nobody can switch it there
  motion.act(mannerOf(caption.topic));
  drawCard(byId("card"), caption.product);
  place();
}

// Whose question is answered, and how many asked it.
function drawAsked(asked) {
  byId("asked").hidden = !asked?.name;
  if (!asked?.name) return;
  const who = t(asked.people > 1 ? "stage.asked.many" : "stage.asked", { name: asked.name, n: asked.people });
  byId("asked").replaceChildren(h("b", {}, who), asked.question ? ` ${asked.question}` : "");
}

function receive(frame) {
  switch (frame.type) {
    case "caption": return player.caption(frame);
    case "clip": return player.clip(frame);
    case "stop":
      player.stop(frame.cue);
      if (shown?.cue === frame.cue) fall();
  }
}

function fall() {
  show(null);
  motion.settle();
}

function lineState(state) {
  byId("stage").dataset.state = state;
  byId("line").hidden = state === "open";
  byId("line").textContent = t("line.lost");
  if (state === "lost") {
    player.clear();
    fall();
  }
}

// ---- the sound, which browsers want to be asked for

async function soundOn() {
  byId("sound").disabled = true;
  const context = new AudioContext({ latencyHint: "interactive" });
  context.onstatechange = () => context.state !== "running" && soundLost(context);
  await context.resume();
  player.attach(context);
  Object.assign(byId("sound"), { hidden: true, disabled: false });
  byId("mute").hidden = false;
}

function soundLost(context) {
  if (player.context !== context) return;
  player.attach(null);
  context.close();
  byId("sound").hidden = inObs;
  byId("mute").hidden = true;
}

function toggleMute() {
  player.mute(!player.muted);
  drawMute();
}

function drawMute() {
  const button = byId("mute");
  const label = t(player.muted ? "stage.unmute" : "stage.mute");
  button.dataset.tLabel = player.muted ? "stage.unmute" : "stage.mute";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.querySelector("use").setAttribute("href", `/stage/static/icons.svg#${player.muted ? "silent" : "sound"}`);
}

// ---- the picture

// Measured when something has moved, never within a frame.
function place() {
  const { clientWidth: width, clientHeight: height } = canvas;
  const dense = Math.min(devicePixelRatio, 2, Math.sqrt(MOST_PIXELS / (width * height)));
  const [w, hgt] = [Math.round(width * dense), Math.round(height * dense)];
  if (canvas.width !== w || canvas.height !== hgt) Object.assign(canvas, { width: w, height: hgt });
  const narrow = width < height;
  const scale = Math.min((width / SPAN) * (narrow ? 1 : 2), (height * (narrow ? 0.8 : 0.96)) / (HEIGHT - 90));
  Object.assign(view, { scale: scale * dense, x: (width / 2) * dense, y: (height - (narrow ? height * 0.15 : 0)) * dense });
  const down = (y) => HEIGHT + (y - view.y / dense) / scale;
  const box = byId("card").hidden ? null : byId("card").getBoundingClientRect();
  if (box) motion.places.product = { x: (box.left + box.width / 2 - width / 2) / scale, y: down(box.top + box.height / 2), top: down(box.top) };
}

let before = 0;
function draw(time) {
  requestAnimationFrame(draw);
  const dt = Math.min(0.05, (time - before) / 1000);
  before = time;
  const due = player.due();
  if (due) show(due);
  const speaking = player.speaking();
  if (speaking) quiet = motion.time;
  else if (shown && motion.time - quiet > 2.5) motion.settle();
  const mouth = player.mouth();
  const pose = motion.step(dt, { speaking, mouth, card: !byId("card").hidden });
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.setTransform(view.scale, 0, 0, view.scale, view.x, view.y - HEIGHT * view.scale);
  drawAvatar(pen, skin, pose);
}

// ---- begin

if (inObs) document.documentElement.dataset.obs = "";
const skins = await (await fetch("/stage/static/skins.json")).json();
skin = skins[asked.get("skin")] ?? Object.values(skins)[0];
onLanguage(() => {
  drawMute();
  drawCard(byId("card"), shown?.product);
  drawAsked(shown?.asked);
  byId("line").textContent = t("line.lost");
});
start();
new ResizeObserver(place).observe(canvas);
place();
requestAnimationFrame(draw);
setInterval(() => drawTimeLeft(byId("card")), 1000);
stillness.addEventListener("change", () => (motion.still = stillness.matches));
byId("sound").addEventListener("click", soundOn);
byId("mute").addEventListener("click", toggleMute);
if (inObs) {
  byId("sound").hidden = true;
  soundOn();
}
new Line("/stage/socket", { first: "hello", on: receive, state: lineState });
