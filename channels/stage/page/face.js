// The head without its hair: the face and what moves in it. The origin is the middle of the head; `yaw` and `pitch` shift what
// is nearer to the viewer.

import { apart, ellipse, mix, shape, stroke, trace } from "/stage/static/pen.js";

const FACE = "M-97-20C-99 34-90 74-62 104C-42 124-22 137 0 137C22 137 42 124 62 104C90 74 99 34 97-20C96-100 58-150 0-150C-58-150-96-100-97-20Z";
const EAR = "M-92 2C-112-12-122 6-117 28C-113 48-103 58-91 52Z";

export function drawFace(pen, skin, pose) {
  const [x, y] = [pose.yaw * 22, pose.pitch * 20];
  if (skin.hair.ears) for (const side of [1, -1]) ear(pen, skin, side, pose.yaw);
  shape(pen, FACE, skin.skin.base);
  shadeOfHair(pen, skin);
  apart(pen, () => {
    pen.translate(x, y);
    for (const side of [-1, 1]) {
      blush(pen, skin, side, pose);
      eye(pen, skin, side, pose);
      brow(pen, skin, side, pose);
    }
    nose(pen, skin, pose);
    apart(pen, () => {
      pen.translate(pose.yaw * 2, 86 + pose.pitch * 2);
      drawMouth(pen, skin, pose.mouth, pose.smile);
    });
  });
}

function ear(pen, skin, side, yaw) {
  apart(pen, () => {
    pen.scale(side, 1);
    pen.translate(side * yaw * 7, 0);
    shape(pen, EAR, skin.skin.base);
    stroke(pen, trace((p) => { p.moveTo(-98, 12); p.quadraticCurveTo(-111, 8, -108, 30); }), skin.skin.shade, 3.5);
    ellipse(pen, -106, 60, 5.5, 5.5, skin.outfit.metal);
  });
}

function shadeOfHair(pen, skin) {
  apart(pen, () => {
    pen.clip(new Path2D(FACE));
    pen.globalAlpha = 0.5;
    shape(pen, "M-110-160H110V-30C90-70 60-62 20-66C-40-72-80-40-100 10Z", skin.skin.shade);
    shape(pen, "M-104-20C-100 60-80 100-50 124L-70 140L-120 100Z", skin.skin.shade);
  });
}

function blush(pen, skin, side, pose) {
  apart(pen, () => {
    pen.globalAlpha = 0.2 + 0.16 * Math.max(0, pose.smile);
    ellipse(pen, side * 62, 58, 23, 13, skin.skin.blush);
  });
}

function eye(pen, skin, side, pose) {
  const near = 1 - side * pose.yaw * 0.06;
  apart(pen, () => {
    pen.translate(side * 45, 14);
    pen.scale(side * near, 1);
    const low = 15 - 5 * Math.max(0, pose.smile);
    const high = mix(low - 3, -33, Math.min(1.1, pose.lid));
    const corner = mix(6, -3, pose.lid);
    const open = trace((p) => {
      p.moveTo(-25, 7);
      p.bezierCurveTo(-19, high, 14, high - 3, 28, corner);
      p.bezierCurveTo(20, low + 5, -12, low + 6, -25, 7);
    });
    apart(pen, () => {
      pen.clip(open);
      ellipse(pen, 0, 0, 40, 40, "#fffdfa");
      iris(pen, skin.eyes, side, pose);
      pen.globalAlpha = 0.28;
      ellipse(pen, 0, high - 8, 36, 18, skin.eyes.lash);
    });
    lashes(pen, skin, high, corner, pose.lid);
  });
}

// Drawn in a frame that is mirrored for one of the eyes: looks and lights are not.
function iris(pen, colors, side, pose) {
  const x = side * (pose.gazeX * 11);
  const y = -2 + pose.gazeY * 9;
  ellipse(pen, x, y, 17.5, 19, colors.ring);
  ellipse(pen, x, y + 1, 15.5, 17, colors.iris);
  apart(pen, () => {
    pen.globalAlpha = 0.45;
    ellipse(pen, x, y + 9, 11, 7, "#ffd9b8");
  });
  ellipse(pen, x, y, 8, 9, "#140b0e");
  ellipse(pen, x - side * 6, y - 8, 5, 5.5, "#fff");
  ellipse(pen, x + side * 6, y + 7, 2.4, 2.6, "#ffffffcc");
}

function lashes(pen, skin, high, corner, lid) {
  const upper = trace((p) => {
    p.moveTo(-26, 8);
    p.bezierCurveTo(-19, high, 14, high - 3, 29, corner);
    p.quadraticCurveTo(34, corner - 3, 36, corner - 9);
    p.bezierCurveTo(30, corner - 9, 16, high - 8, -4, high * 0.82 - 3);
    p.quadraticCurveTo(-20, high * 0.5, -26, 8);
  });
  pen.fillStyle = skin.eyes.lash;
  pen.fill(upper);
  apart(pen, () => {
    pen.globalAlpha = 0.6 * Math.min(1, lid);
    stroke(pen, trace((p) => { p.moveTo(-17, high * 0.72 - 7); p.quadraticCurveTo(6, high - 9, 26, corner - 15); }), skin.skin.deep, 2.4);
  });
}

function brow(pen, skin, side, pose) {
  apart(pen, () => {
    pen.translate(side * 46, -36 - 11 * pose.brow);
    pen.scale(side, 1);
    pen.rotate(0.16 * pose.frown);
    shape(pen, "M-25 4C-12-7 8-12 30-3C12-6-8-1-24 9Z", skin.eyes.brow, skin.eyes.brow, 2.5);
  });
}

function nose(pen, skin, pose) {
  const x = pose.yaw * 7;
  stroke(pen, trace((p) => { p.moveTo(x + 3, 34); p.quadraticCurveTo(x + 9, 50, x + 1, 55); }), skin.skin.shade, 3.5);
  stroke(pen, trace((p) => { p.moveTo(x - 7, 56); p.quadraticCurveTo(x, 60, x + 8, 56); }), skin.skin.deep, 2.6);
}

// The origin is the middle of the closed lips.
export function drawMouth(pen, skin, mouth, smile) {
  const half = mix(15, 33, mouth.wide) + 5 * Math.max(0, smile) * (1 - 0.5 * mouth.open);
  const corner = -6.5 * smile;
  const sag = 7 * smile;
  const top = sag - mouth.open * 16;
  const low = sag + mouth.open * 42;
  lip(pen, skin.lips.base, half, corner, top - 7, top + 1, true);
  lip(pen, skin.lips.base, half, corner, low + 13, low - 1, false);
  const inside = trace((p) => {
    p.moveTo(-half, corner);
    p.quadraticCurveTo(0, top, half, corner);
    p.quadraticCurveTo(half * 0.6, low * 0.98, 0, mix(corner, low, 0.62));
    p.quadraticCurveTo(-half * 0.6, low * 0.98, -half, corner);
  });
  apart(pen, () => {
    pen.clip(inside);
    pen.fillStyle = skin.lips.inside;
    pen.fillRect(-50, -40, 100, 110);
    apart(pen, () => {
      pen.globalAlpha = Math.min(1, 0.25 + mouth.tongue);
      ellipse(pen, 0, mix(corner, low, 0.62) + 4, half * 0.62, 4 + 14 * mouth.open, "#d9727b");
    });
    pen.fillStyle = "#fff9f3";
    const teeth = mouth.teeth * Math.min(9, 3 + mouth.open * 10);
    pen.fill(trace((p) => {
      p.moveTo(-half * 0.86, corner - 4);
      p.quadraticCurveTo(0, top - 3, half * 0.86, corner - 4);
      p.quadraticCurveTo(0, top + 2 * teeth + 2, -half * 0.86, corner - 4);
    }));
  });
  if (mouth.open < 0.12) stroke(pen, trace((p) => { p.moveTo(-half - 1, corner); p.quadraticCurveTo(0, sag, half + 1, corner); }), skin.lips.shade, 3);
}

function lip(pen, color, half, corner, outer, inner, bow) {
  pen.fillStyle = color;
  pen.fill(trace((p) => {
    p.moveTo(-half - 2, corner);
    if (bow) {
      p.bezierCurveTo(-half * 0.5, outer, -7, outer - 2, 0, outer * 0.5 + inner * 0.5 + corner * 0.1);
      p.bezierCurveTo(7, outer - 2, half * 0.5, outer, half + 2, corner);
    } else {
      p.bezierCurveTo(half * -0.55, outer, half * 0.55, outer, half + 2, corner);
    }
    p.quadraticCurveTo(0, inner, -half - 2, corner);
  }));
}
