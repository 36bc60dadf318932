// Hair: what is behind the head and what is before it, for each cut. The origin is the middle of the head.

import { apart, shape, stroke, trace } from "/stage/static/pen.js";

const CUTS = {
  bob: { back: bobBack, front: bobFront },
  ponytail: { back: tailBack, front: tailFront },
};

export function drawBack(pen, skin, pose) {
  CUTS[skin.hair.cut].back(pen, skin.hair, pose.hair);
}

export function drawFront(pen, skin, pose) {
  apart(pen, () => {
    pen.translate(pose.yaw * 9, pose.pitch * 7);
    CUTS[skin.hair.cut].front(pen, skin.hair, pose.hair);
  });
}

function bobBack(pen, hair, swing) {
  const path = trace((p) => {
    p.moveTo(0, -178);
    p.bezierCurveTo(96, -178, 140, -108, 136, -20);
    p.bezierCurveTo(134, 50, 152 + swing, 104, 130 + swing, 152);
    p.bezierCurveTo(92 + swing, 176, 40, 168, 0, 166);
    p.bezierCurveTo(-40, 168, -92 + swing, 176, -130 + swing, 152);
    p.bezierCurveTo(-152 + swing, 104, -134, 50, -136, -20);
    p.bezierCurveTo(-140, -108, -96, -178, 0, -178);
  });
  pen.fillStyle = hair.shade;
  pen.fill(path);
}

function bobFront(pen, hair, swing) {
  cap(pen, hair);
  for (const side of [-1, 1]) {
    apart(pen, () => {
      pen.scale(side, 1);
      const s = side * swing;
      pen.fillStyle = hair.base;
      pen.fill(trace((p) => {
        p.moveTo(96, -96);
        p.bezierCurveTo(126, -60, 138, 0, 132, 60);
        p.bezierCurveTo(130, 96, 146 + s, 116, 122 + s, 152);
        p.bezierCurveTo(112 + s, 158, 98 + s, 156, 88 + s, 146);
        p.bezierCurveTo(108 + s, 110, 96, 66, 98, 26);
        p.bezierCurveTo(98, -20, 88, -50, 70, -84);
      }));
      stroke(pen, trace((p) => { p.moveTo(117, -30); p.bezierCurveTo(124, 30, 110, 70, 120 + s, 128); }), hair.shade, 3);
    });
  }
  fringe(pen, hair);
}

function tailBack(pen, hair, swing) {
  const path = trace((p) => {
    p.moveTo(40, -120);
    p.bezierCurveTo(150, -150, 186 + swing, -40, 172 + swing * 2, 60);
    p.bezierCurveTo(164 + swing * 2.4, 140, 190 + swing * 3, 190, 150 + swing * 3, 238);
    p.bezierCurveTo(128 + swing * 2, 190, 104 + swing * 2, 120, 108 + swing, 40);
    p.bezierCurveTo(108, -20, 90, -70, 40, -60);
  });
  pen.fillStyle = hair.shade;
  pen.fill(path);
  stroke(pen, trace((p) => { p.moveTo(120, -80); p.bezierCurveTo(160 + swing, -20, 130 + swing * 2, 100, 150 + swing * 3, 190); }), hair.base, 7);
  shape(pen, "M0-176C92-176 130-112 122-10C118 40 104 70 90 84H-90C-104 70-118 40-122-10C-130-112-92-176 0-176Z", hair.shade);
}

function tailFront(pen, hair, swing) {
  cap(pen, hair);
  for (const side of [-1, 1]) {
    apart(pen, () => {
      pen.scale(side, 1);
      const s = side * swing * 0.6;
      pen.fillStyle = hair.base;
      pen.fill(trace((p) => {
        p.moveTo(84, -104);
        p.bezierCurveTo(118, -66, 120, -20, 112, 26);
        p.bezierCurveTo(108, 60, 112 + s, 84, 100 + s, 104);
        p.bezierCurveTo(96 + s, 70, 92, 40, 94, 4);
        p.bezierCurveTo(94, -40, 80, -66, 62, -88);
      }));
    });
  }
  fringe(pen, hair);
}

// The crown, down to where the fringe begins.
function cap(pen, hair) {
  shape(pen, "M-112-34C-128-120-84-182 0-182C84-182 128-120 112-34C106-66 100-78 88-86C40-100-40-108-70-100C-92-92-104-70-112-34Z", hair.base);
}

// Parted on one side, with a light across it.
function fringe(pen, hair) {
  shape(pen, "M34-168C-10-176-84-160-106-84C-114-52-112-22-104 6C-100-26-90-46-70-60C-30-66 0-82 20-102C18-90 12-78 2-70C44-76 70-96 78-116C84-84 96-60 106-8C118-60 116-100 96-132C80-156 58-166 34-168Z", hair.base);
  const strand = (path) => shape(pen, path, null, hair.shade, 2.6);
  strand("M34-160C10-120-30-92-74-72");
  strand("M44-150C36-130 28-114 20-102");
  strand("M56-148C72-128 86-100 98-56");
  apart(pen, () => {
    pen.globalAlpha = 0.55;
    shape(pen, "M-78-126C-56-150-20-160 8-156C-20-146-50-132-70-108Z", hair.shine);
    shape(pen, "M62-150C82-142 94-126 100-108C88-124 76-134 60-140Z", hair.shine);
  });
}
