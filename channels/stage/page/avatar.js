// Draws the host: layers of one figure, in the pose of the moment. Its coordinates: x 0 in the middle, y from 0 (above the head)
// to HEIGHT (the lower edge of what is seen).

import { drawArm } from "/stage/static/arms.js";
import { drawBody, drawNeck } from "/stage/static/body.js";
import { drawFace } from "/stage/static/face.js";
import { drawBack, drawFront } from "/stage/static/hair.js";
import { apart } from "/stage/static/pen.js";

export const HEIGHT = 1000;
const HEAD = { x: 0, y: 306 };
const NECK = { x: 0, y: 450 };

export function drawAvatar(pen, skin, pose) {
  apart(pen, () => {
    pen.translate(pose.sway, 8 * pose.lean);
    pen.rotate(pose.sway * 0.0007);
    inHead(pen, pose, () => drawBack(pen, skin, pose));
    breathing(pen, pose, () => {
      drawNeck(pen, skin);
      drawBody(pen, skin);
    });
    inHead(pen, pose, () => {
      drawFace(pen, skin, pose);
      drawFront(pen, skin, pose);
    });
    breathing(pen, pose, () => {
      drawArm(pen, skin, -1, pose.left);
      drawArm(pen, skin, 1, pose.right);
    });
  });
}

// The head turns about the neck and rises a little with the breath.
function inHead(pen, pose, draw) {
  apart(pen, () => {
    pen.translate(NECK.x + pose.yaw * 5, NECK.y - pose.breath * 3 + pose.lean * 26);
    pen.rotate(pose.roll);
    pen.translate(HEAD.x - NECK.x, HEAD.y - NECK.y);
    draw();
  });
}

function breathing(pen, pose, draw) {
  apart(pen, () => {
    pen.translate(0, HEIGHT);
    pen.scale(1 + pose.breath * 0.006, 1 + pose.breath * 0.007);
    pen.translate(0, -HEIGHT);
    draw();
  });
}
