// Arms and hands: an arm reaches from the shoulder over the elbow to where its hand is.

import { SHOULDER } from "/stage/static/gestures.js";
import { apart, ellipse, mix, stroke, trace } from "/stage/static/pen.js";

// Of each finger: where it begins (from the wrist, fingers up, thumb on the left), its length, width, and angle when spread.
const FINGERS = [
  { x: 20, y: -54, length: 38, width: 13, angle: 0.36 },
  { x: 8, y: -60, length: 49, width: 14, angle: 0.13 },
  { x: -5, y: -62, length: 54, width: 14.5, angle: -0.05 },
  { x: -18, y: -56, length: 47, width: 14, angle: -0.26 },
];
const THUMB = { x: -22, y: -16, length: 42, width: 16 };

export function drawArm(pen, skin, side, hand) {
  const { elbow } = hand;
  const wrist = { x: hand.x, y: hand.y };
  const turn = Math.atan2(wrist.y - elbow.y, wrist.x - elbow.x);
  const outfit = skin.outfit;
  const shoulder = { x: side * SHOULDER.x, y: SHOULDER.y };
  sleeve(pen, outfit.line, [between(shoulder, elbow, 0.3), elbow, wrist], 3.5);
  ellipse(pen, shoulder.x, shoulder.y, 44, 44, outfit.base);
  sleeve(pen, outfit.base, [shoulder, elbow, wrist], 0);
  folds(pen, outfit, side, elbow, turn);
  apart(pen, () => {
    pen.translate(wrist.x, wrist.y);
    pen.rotate(hand.angle);
    pen.scale(side, 1);
    drawHand(pen, skin.skin, hand);
  });
  cuff(pen, outfit, wrist, turn);
}

// Tapers from the shoulder to the wrist, rounded at the elbow.
function sleeve(pen, color, [shoulder, elbow, wrist], more) {
  pen.fillStyle = color;
  pen.fill(taper(shoulder, 44 + more, elbow, 38 + more));
  pen.fill(taper(elbow, 38 + more, wrist, 30 + more));
  ellipse(pen, elbow.x, elbow.y, 38 + more, 38 + more, color);
}

function taper(from, wide, to, narrow) {
  const turn = Math.atan2(to.y - from.y, to.x - from.x);
  const [x, y] = [-Math.sin(turn), Math.cos(turn)];
  return trace((p) => {
    p.moveTo(from.x + x * wide, from.y + y * wide);
    p.lineTo(to.x + x * narrow, to.y + y * narrow);
    p.lineTo(to.x - x * narrow, to.y - y * narrow);
    p.lineTo(from.x - x * wide, from.y - y * wide);
    p.closePath();
  });
}

// Where the elbow bends, the cloth creases.
function folds(pen, outfit, side, elbow, turn) {
  apart(pen, () => {
    pen.translate(elbow.x, elbow.y);
    pen.rotate(turn);
    const fold = trace((p) => {
      p.moveTo(4, -side * 34);
      p.quadraticCurveTo(20, -side * 12, 14, side * 6);
      p.moveTo(24, -side * 33);
      p.quadraticCurveTo(36, -side * 18, 32, -side * 8);
    });
    stroke(pen, fold, outfit.shade, 3.5);
  });
}

const between = (from, to, share) => ({ x: mix(from.x, to.x, share), y: mix(from.y, to.y, share) });

function cuff(pen, outfit, wrist, turn) {
  apart(pen, () => {
    pen.translate(wrist.x, wrist.y);
    pen.rotate(turn);
    pen.fillStyle = outfit.shade;
    pen.fill(trace((p) => p.roundRect(-16, -30, 17, 60, 6)));
    pen.fillStyle = outfit.under;
    pen.fill(trace((p) => p.roundRect(-1, -27, 9, 54, 4)));
  });
}

// The wrist is the origin, the fingers point up, the thumb is on the left.
function drawHand(pen, colors, hand) {
  pen.scale(1.28, 1.28);
  for (const [color, more] of [[colors.deep, 3], [colors.base, 0]]) {
    pen.fillStyle = color;
    pen.fill(trace((p) => p.roundRect(-27 - more / 2, -64 - more / 2, 54 + more, 72 + more, 20)));
    FINGERS.forEach((finger, n) => limb(pen, finger, hand.fingers[4 - n], hand.spread * finger.angle, color, more));
  }
  const lean = mix(0.35, -0.75, hand.fingers[0]);
  limb(pen, THUMB, mix(0.6, 1, hand.fingers[0]), lean, colors.deep, 3);
  limb(pen, THUMB, mix(0.6, 1, hand.fingers[0]), lean, colors.base, 0);
}

function limb(pen, finger, stretched, angle, color, more) {
  const length = finger.length * mix(0.22, 1, stretched);
  const path = trace((p) => {
    p.moveTo(finger.x, finger.y);
    p.lineTo(finger.x + length * Math.sin(angle), finger.y - length * Math.cos(angle));
  });
  stroke(pen, path, color, finger.width + more);
}
