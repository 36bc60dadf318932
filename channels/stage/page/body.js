// Neck, torso and clothes. Coordinates of the figure.

import { apart, ellipse, shape, stroke, trace } from "/stage/static/pen.js";

const TORSO = "M-58 500C-92 520-146 528-172 556C-194 580-190 640-178 700C-164 762-146 806-150 866C-154 920-164 960-166 1040L-172 1300H172L166 1040C164 960 154 920 150 866C146 806 164 762 178 700C190 640 194 580 172 556C146 528 92 520 58 500C40 540-40 540-58 500Z";
const CUTS = { blazer, knit };

export function drawNeck(pen, skin) {
  shape(pen, "M-44 400V492C-44 512-74 520-84 526C-50 580 50 580 84 526C74 520 44 512 44 492V400Z", skin.skin.base);
  shape(pen, "M-44 420C-30 456 30 466 44 428V470C20 486-24 482-44 462Z", skin.skin.shade);
  apart(pen, () => {
    pen.globalAlpha = 0.7;
    stroke(pen, trace((p) => { p.moveTo(-46, 536); p.quadraticCurveTo(-24, 540, -12, 550); p.moveTo(46, 536); p.quadraticCurveTo(24, 540, 12, 550); }), skin.skin.shade, 4);
  });
}

export function drawBody(pen, skin) {
  CUTS[skin.outfit.cut](pen, skin.outfit);
}

function blazer(pen, outfit) {
  shape(pen, TORSO, outfit.base, outfit.line, 3.5);
  shape(pen, "M-62 496L-6 760L0 1300H6L62 496C38 546-38 546-62 496Z", outfit.under);
  shape(pen, "M-62 496C-38 546 38 546 62 496L58 514C36 560-36 560-58 514Z", outfit.underShade);
  for (const side of [-1, 1]) {
    apart(pen, () => {
      pen.scale(side, 1);
      shape(pen, "M56 500C66 506 82 512 92 518L118 610L92 622L110 648L4 838C0 780 20 640 56 500Z", outfit.base, outfit.line, 3);
      shape(pen, "M110 648L4 838L2 800L92 622Z", outfit.shade);
      shape(pen, "M166 690C150 780 148 830 152 880C140 830 128 760 150 690Z", outfit.shade);
    });
  }
  shape(pen, "M4 836C6 900 4 960 6 1300", null, outfit.line, 3);
  ellipse(pen, -14, 880, 7, 7, outfit.metal);
  ellipse(pen, -12, 960, 7, 7, outfit.metal);
  microphone(pen, 62, 690);
}

function knit(pen, outfit) {
  shape(pen, TORSO, outfit.base, outfit.line, 3.5);
  shape(pen, "M-62 500C-40 556 40 556 62 500L76 512C50 582-50 582-76 512Z", outfit.under, outfit.underShade, 3);
  apart(pen, () => {
    pen.clip(new Path2D(TORSO));
    pen.globalAlpha = 0.55;
    for (let x = -160; x <= 160; x += 20) stroke(pen, trace((p) => { p.moveTo(x * 0.9, 590); p.quadraticCurveTo(x * 0.8, 760, x, 1040); p.lineTo(x, 1300); }), outfit.shade, 3);
    shape(pen, "M-200 690C-160 760-130 830-140 1300H-210ZM200 690C160 760 130 830 140 1300H210Z", outfit.shade);
  });
  stroke(pen, trace((p) => { p.moveTo(-40, 552); p.quadraticCurveTo(0, 640, 40, 552); }), outfit.metal, 3);
  ellipse(pen, 0, 602, 9, 9, outfit.metal);
  microphone(pen, 46, 640);
}

function microphone(pen, x, y) {
  apart(pen, () => {
    pen.translate(x, y);
    shape(pen, "M-7-12A7 7 0 0 1 7-12V6A7 7 0 0 1-7 6Z", "#26222b");
    shape(pen, "M-7-8H7M-7-2H7", null, "#5b5563", 2);
    shape(pen, "M0 13V30", null, "#26222b", 4);
  });
}
