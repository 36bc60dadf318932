// Things whose size everybody knows. Each takes its longest edge in metres and stands with its foot at 0.

import * as THREE from "/libraries/three.js";
import { ball, box, group, matte, round, shade, solid, turned } from "./shapes.js";

const PALE = "#e8e2d8";
const plain = (more) => matte(PALE, { roughness: 0.7, ...more });

function coin(size) {
  const disc = round(size / 2, size / 2, 0.002, matte("#d0a44c", { metalness: 0.8, roughness: 0.35 }));
  disc.rotation.x = 1.2;
  disc.position.y = size * 0.47;
  return group(disc);
}

function card(size) {
  const upright = box(size, size * 0.63, 0.001, matte("#3b6d8f", { roughness: 0.4 }));
  const chip = box(size * 0.14, size * 0.11, 0.0015, matte("#e1bd6a", { metalness: 0.6, roughness: 0.4 }), [-size * 0.3, size * 0.28, 0]);
  const lying = group(upright, chip);
  lying.rotation.x = -0.25;
  return group(lying);
}

function cup(size) {
  const china = matte("#f4f1ea", { roughness: 0.35, side: THREE.DoubleSide });
  const [radius, tall] = [size * 0.34, size * 0.79];
  const body = turned([[0, 0], [radius * 0.92, 0], [radius, 0.006], [radius, tall], [radius * 0.92, tall], [radius * 0.92, 0.01], [0, 0.01]], china);
  const handle = solid(new THREE.TorusGeometry(tall * 0.3, size * 0.05, 12, 28, Math.PI), china, [radius * 0.96, tall / 2, 0]);
  handle.rotation.z = -Math.PI / 2;
  const drink = solid(new THREE.CircleGeometry(radius * 0.92, 32), matte("#5a3922", { roughness: 0.2 }), [0, tall * 0.88, 0], false);
  drink.rotation.x = -Math.PI / 2;
  return group(body, handle, drink);
}

// An open hand that stands on its wrist, as a jeweller's: a palm and five fingers of three joints.
function hand(size) {
  const skin = matte("#dcb79a", { roughness: 0.75 });
  const limb = (wide, long, at, lean) => {
    const finger = solid(new THREE.CapsuleGeometry(wide, long, 6, 12), skin, [0, long / 2, 0]);
    const joint = group(finger);
    joint.position.set(...at);
    joint.rotation.z = lean;
    return joint;
  };
  const [w, y] = [size * 0.046, size * 0.52];
  const palm = solid(new THREE.SphereGeometry(size * 0.25, 24, 18), skin, [0, size * 0.36, 0]);
  palm.scale.set(0.92, 1.08, 0.34);
  const wrist = round(size * 0.15, size * 0.14, size * 0.22, skin, [0, 0, 0]);
  wrist.scale.z = 0.62;
  const fingers = [[-0.165, 0.24, 0.13], [-0.055, 0.3, 0.04], [0.055, 0.335, -0.03], [0.16, 0.29, -0.11]];
  return group(wrist, palm, ...fingers.map(([x, long, lean]) => limb(w, size * long, [-size * x, y - size * Math.abs(x) * 0.25, 0], lean * -1)),
    limb(w * 1.12, size * 0.2, [size * 0.2, size * 0.28, size * 0.03], -0.75));
}

function bottle(size) {
  const glass = matte("#2c4a36", { roughness: 0.15, metalness: 0.1 });
  const body = turned([[0, 0], [0.118, 0], [0.12, 0.02], [0.12, 0.6], [0.1, 0.7], [0.045, 0.77], [0.043, 0.97], [0.05, 0.97], [0.05, 1], [0, 1]]
    .map(([r, y]) => [r * size, y * size]), glass);
  return group(body, round(size * 0.121, size * 0.121, size * 0.25, matte("#efe6d2"), [0, size * 0.2, 0]));
}

function chair(size) {
  const [wood, wide, seat] = [matte("#a9794d"), size * 0.5, size * 0.53];
  const leg = (x, z, tall) => box(0.035, tall, 0.035, wood, [x * wide * 0.46, 0, z * wide * 0.46]);
  const slats = [0.62, 0.76, 0.9].map((y) => box(wide * 0.94, size * 0.06, 0.018, wood, [0, size * y, -wide * 0.46]));
  return group(leg(-1, 1, seat), leg(1, 1, seat), leg(-1, -1, size), leg(1, -1, size), box(wide, 0.03, wide, wood, [0, seat - 0.03, 0]), ...slats);
}

// A lay figure, as painters have: seven and a half heads high.
function person(size) {
  const [skin, head] = [plain(), size / 7.5];
  const part = (radius, long, at, lean = 0, squash = 1) => {
    const limb = solid(new THREE.CapsuleGeometry(radius, long, 8, 16), skin, at);
    limb.rotation.z = lean;
    limb.scale.z = squash;
    return limb;
  };
  const skull = ball(head * 0.4, skin, [0, size - head * 0.5, 0], 24);
  skull.scale.set(0.86, 1.24, 1);
  const both = [-1, 1].flatMap((side) => [
    part(head * 0.31, head * 1.5, [side * head * 0.4, head * 2.75, 0]),
    part(head * 0.22, head * 1.45, [side * head * 0.44, head * 1.05, 0]),
    box(head * 0.36, head * 0.22, head * 0.95, skin, [side * head * 0.45, 0, head * 0.22]),
    part(head * 0.2, head * 1.15, [side * head * 0.98, head * 5.1, 0], side * 0.13),
    part(head * 0.16, head * 1.1, [side * head * 1.14, head * 3.95, 0.02], side * 0.07),
    ball(head * 0.19, skin, [side * head * 1.2, head * 3.15, 0.03]),
  ]);
  return group(skull, part(head * 0.17, head * 0.3, [0, head * 6.4, 0]), part(head * 0.76, head * 0.45, [0, head * 5.15, 0], 0, 0.58),
    part(head * 0.6, head * 0.45, [0, head * 4.1, 0], 0, 0.62), ...both);
}

function door(size) {
  const [wood, wide] = [matte("#8e6a4a"), size * 0.405];
  const dark = matte(shade("#8e6a4a", -0.05));
  const panels = [[0.08, 0.34], [0.5, 0.42]].map(([y, tall]) => box(wide * 0.68, size * tall, 0.01, dark, [0, size * y, 0.022]));
  const frame = [-1, 1].map((side) => box(0.07, size + 0.07, 0.12, plain(), [(side * (wide + 0.07)) / 2, 0, 0]));
  return group(box(wide, size, 0.04, wood), ...panels, ...frame, box(wide + 0.14, 0.07, 0.12, plain(), [0, size, 0]),
    ball(0.028, matte("#c9a45c", { metalness: 0.8, roughness: 0.3 }), [wide * 0.42, size * 0.5, 0.05]));
}

export const KNOWN = { coin, card, cup, hand, bottle, chair, person, door };
