// How the figure moves: breath, blinks, gaze, head, hands. A pose comes out for each frame; nothing is drawn here.

import { elbowOf, handsAt, secondsOf } from "/stage/static/gestures.js";
import { REST } from "/stage/static/lips.js";
import { MOODS } from "/stage/static/manner.js";

const BREATH_S = 3.9;
// Seconds from one blink to the next (Bentivoglio and others 1997: about 17 a minute at rest, 26 in talk), and of one.
const BLINK = { rest: [2.2, 5.2], speaking: [1.4, 3.6], closing: 0.07, opening: 0.13 };
const GLANCE = { camera: [1.6, 4], product: [0.9, 1.8], comments: [0.9, 1.7] };
// How the eyes of somebody who speaks to a camera are shared out.
const SHARES = [["camera", 0.62], ["product", 0.2], ["comments", 0.18]];
// Between gestures there is a pause, in seconds.
const PAUSE = [1.2, 3.4];

// A value that follows a target without overshooting, `w` a second fast (a critically damped spring, solved exactly).
function follow(one, target, w, dt) {
  const away = one.value - target;
  const push = one.speed + w * away;
  const decay = Math.exp(-w * dt);
  one.value = target + (away + push * dt) * decay;
  one.speed = (one.speed - w * push * dt) * decay;
  return one.value;
}

export class Motion {
  // `still`: the visitor wants little motion: lips, blinks and looks only.
  constructor({ still = false, random = Math.random } = {}) {
    Object.assign(this, { still, random, time: 0, springs: new Map(), manner: { mood: "rest", gesture: null, look: "camera" } });
    this.blinkAt = this.between([0.8, 2.5]);
    this.places = { product: { x: 420, y: 620, top: 520 }, comments: { x: -330, y: 800 } };
    this.gaze = { look: "camera", until: 1, x: 0, y: 0 };
    this.gesture = { name: null, begun: 0 };
    this.nextGesture = 0;
    this.energy = 0;
  }

  between([low, high]) {
    return low + (high - low) * this.random();
  }

  spring(name, target, w, dt) {
    if (!this.springs.has(name)) this.springs.set(name, { value: target, speed: 0 });
    return follow(this.springs.get(name), target, w, dt);
  }

  // A sentence begins, to be said in this manner.
  act(manner) {
    this.manner = manner;
    this.begin(manner.gesture);
    this.look(manner.look);
  }

  // Nothing is said any more.
  settle() {
    this.manner = { mood: "rest", gesture: null, look: "camera" };
    this.gesture.name = null;
  }

  begin(name) {
    this.gesture = { name: this.still ? null : name, begun: this.time };
    this.nextGesture = this.time + secondsOf(name) + this.between(PAUSE);
  }

  look(where) {
    this.gaze = { look: where, until: this.time + this.between(GLANCE[where]), x: 0, y: 0 };
    if (this.random() < 0.35) this.blinkAt = Math.min(this.blinkAt, this.time + 0.04);
  }

  step(dt, { speaking, mouth, card }) {
    this.time += dt;
    this.energy = this.spring("energy", speaking ? 0.35 + 0.65 * mouth.open : 0, 7, dt);
    if (speaking && this.time > this.nextGesture) this.begin(this.random() < 0.4 ? this.manner.gesture : this.random() < 0.5 ? "talk" : "stress");
    this.wander(card);
    const lid = this.blink(speaking);
    const eyes = this.eyes(dt);
    return { ...eyes, ...this.head(dt, speaking), ...this.face(dt, lid), ...this.hands(dt), breath: this.breath(), mouth: mouth ?? REST };
  }

  breath() {
    return this.still ? 0 : 0.5 - 0.5 * Math.cos((this.time * 2 * Math.PI) / BREATH_S);
  }

  blink(speaking) {
    const since = this.time - this.blinkAt;
    if (since < 0) return 1;
    if (since < BLINK.closing) return 1 - since / BLINK.closing;
    if (since < BLINK.closing + BLINK.opening) return (since - BLINK.closing) / BLINK.opening;
    const again = this.random() < 0.12;
    this.blinkAt = this.time + (again ? 0.12 : this.between(speaking ? BLINK.speaking : BLINK.rest));
    return 1;
  }

  wander(card) {
    if (this.time < this.gaze.until) return;
    let left = this.random();
    const next = SHARES.find(([, share]) => (left -= share) < 0)?.[0] ?? "camera";
    this.look(next === "product" && !card ? "camera" : next);
    this.gaze.x = this.between([-0.06, 0.06]);
    this.gaze.y = this.between([-0.05, 0.05]);
  }

  // The eyes jump, the head comes after them part of the way.
  eyes(dt) {
    const place = this.places[this.gaze.look];
    const [x, y] = place ? [clamp(place.x / 420, 0.85), clamp((place.y - 320) / 520, 0.7)] : [0, 0];
    this.turn = { x: x * 0.5, y: y * 0.34 };
    return { gazeX: this.spring("gazeX", x + this.gaze.x - this.turn.x * 0.5, 38, dt), gazeY: this.spring("gazeY", y + this.gaze.y, 38, dt) };
  }

  head(dt, speaking) {
    const sway = this.still ? 0 : 1;
    const t = this.time;
    const talk = sway * this.energy;
    const bow = this.gesture.name === "bow" && t - this.gesture.begun < 1.2 ? 1 : 0;
    const yaw = this.turn.x + sway * (0.06 * Math.sin(t * 0.47) + 0.05 * Math.sin(t * 0.83 + 1)) + talk * 0.11 * Math.sin(t * 2.3 + 0.6 * Math.sin(t * 0.9));
    const pitch = this.turn.y + sway * 0.04 * Math.sin(t * 0.61 + 2) + talk * (0.1 * Math.sin(t * 3.7 + 0.8 * Math.sin(t * 1.3)) + 0.05) + bow * 0.9;
    const roll = sway * 0.022 * Math.sin(t * 0.39 + 0.5) + talk * 0.026 * Math.sin(t * 1.7) + this.turn.x * 0.07;
    return {
      yaw: this.spring("yaw", yaw, 7, dt),
      pitch: this.spring("pitch", pitch, 8, dt),
      roll: this.spring("roll", roll, 6, dt),
      sway: this.spring("sway", sway * (5 * Math.sin(t * 0.31) + 3 * Math.sin(t * 0.53 + 1)) + (speaking ? sway * this.turn.x * 8 : 0), 3, dt),
      lean: this.spring("lean", bow, 5, dt),
      hair: this.spring("hair", (this.springs.get("roll")?.value ?? 0) * 60 + (this.springs.get("yaw")?.speed ?? 0) * -6, 4.5, dt),
    };
  }

  face(dt, lid) {
    const mood = MOODS[this.manner.mood] ?? MOODS.rest;
    const lift = this.still ? 0 : this.energy * 0.28 * Math.max(0, Math.sin(this.time * 1.9));
    return {
      smile: this.spring("smile", mood.smile, 5, dt),
      brow: this.spring("brow", mood.brow + lift, 9, dt),
      frown: this.spring("frown", mood.frown, 6, dt),
      lid: Math.max(0.02, lid * this.spring("lid", mood.lid, 6, dt) * (1 - 0.16 * Math.max(0, this.springs.get("gazeY")?.value ?? 0))),
    };
  }

  hands(dt) {
    const wanted = handsAt(this.gesture.name, this.time - this.gesture.begun, this.places.product);
    return { left: this.hand("left", wanted.left, dt), right: this.hand("right", wanted.right, dt) };
  }

  hand(side, wanted, dt) {
    const at = (part, target, w) => this.spring(`${side} ${part}`, target, w, dt);
    const [x, y] = [at("x", wanted.x, 9), at("y", wanted.y, 9)];
    const elbow = elbowOf(side === "right" ? 1 : -1, { x, y });
    return {
      x,
      y,
      elbow: { x: at("elbow x", elbow.x, 13), y: at("elbow y", elbow.y, 13) },
      angle: at("angle", wanted.angle, 10),
      spread: at("spread", wanted.spread, 10),
      fingers: wanted.fingers.map((finger, n) => at(`finger ${n}`, finger, 13)),
    };
  }
}

const clamp = (value, limit) => Math.min(limit, Math.max(-limit, value));
