// Things that people made: what stands in rooms and streets. Each takes how high it is in metres, chance, and the scene.

import * as THREE from "/libraries/three.js";
import { ball, box, group, lump, matte, painted, round, shade, shining, solid, turned } from "./shapes.js";

function frame(width, height, thick, material, z = 0) {
  return [
    box(width + thick * 2, thick, 0.06, material, [0, -thick, z]),
    box(width + thick * 2, thick, 0.06, material, [0, height, z]),
    ...[-1, 1].map((side) => box(thick, height, 0.06, material, [(side * (width + thick)) / 2, 0, z])),
  ];
}

// What is seen through it is the scene's own sky, with hills or lit windows far off.
function view(context, width, height, sky, chance) {
  const gradient = context.createLinearGradient(0, 0, 0, height);
  gradient.addColorStop(0, sky.top);
  gradient.addColorStop(1, sky.horizon);
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#fff8e0";
  for (let n = 0; n < (sky.stars ?? 0) / 2; n++) context.fillRect(chance() * width, chance() * height * 0.6, 2, 2);
  if (sky.stars) {
    context.beginPath();
    context.arc(width * 0.74, height * 0.2, height * 0.055, 0, 7);
    context.fill();
  }
  for (let n = 0; n < 9; n++) house(context, (n / 9) * width, height, width / 8, sky, chance);
}

function house(context, x, height, wide, sky, chance) {
  const tall = height * (0.16 + chance() * 0.24);
  context.fillStyle = sky.stars ? "#111830" : `#${shade(sky.horizon, -0.16).getHexString()}`;
  context.fillRect(x, height - tall, wide, tall);
  context.fillStyle = sky.stars ? "#ffcf7a" : "#ffffff66";
  for (let y = height - tall + 8; y < height - 8; y += 14) {
    for (let at = x + 6; at < x + wide - 8; at += 13) if (chance() > 0.55) context.fillRect(at, y, 5, 7);
  }
}

function window_(height, chance, { sky }) {
  const width = height * 1.15;
  const pane = painted(512, 448, (context, w, h) => view(context, w, h, sky, chance));
  const glass = solid(new THREE.PlaneGeometry(width, height), new THREE.MeshBasicMaterial({ map: pane }), [0, height / 2, 0], false);
  const wood = matte("#f5efe6");
  const bars = [box(0.025, height, 0.03, wood, [0, 0, 0.01]), box(width, 0.025, 0.03, wood, [0, height * 0.55, 0.01])];
  const sill = box(width + 0.22, 0.035, 0.16, wood, [0, -0.075, 0.06]);
  const cloth = matte("#f1e8dc", { side: THREE.DoubleSide });
  const curtains = [-1, 1].map((side) => curtain(width * 0.26, height * 1.22, cloth, side * width * 0.6, height));
  return group(glass, ...frame(width, height, 0.045, wood), ...bars, sill, ...curtains);
}

function curtain(width, tall, cloth, x, height) {
  const folds = new THREE.PlaneGeometry(width, tall, 40, 1);
  const places = folds.attributes.position;
  for (let n = 0; n < places.count; n++) places.setZ(n, 0.025 * Math.sin((places.getX(n) / width) * 38));
  folds.computeVertexNormals();
  return solid(folds, cloth, [x, height + 0.1 - tall / 2, 0.09]);
}

function books(height, chance) {
  const colours = ["#b5483a", "#2f5d7c", "#d9a441", "#4d7c6f", "#7a5c86", "#d8d0c2"];
  let x = 0;
  return group(...colours.map((colour) => {
    const [wide, tall] = [0.024 + chance() * 0.022, height * (0.78 + chance() * 0.22)];
    x += wide + 0.002;
    return box(wide, tall, 0.16, matte(colour), [x - wide / 2 - 0.1, 0, 0]);
  }));
}

function plant(height, chance) {
  const pot = round(height * 0.14, height * 0.19, height * 0.34, matte("#c9764f"), [0, 0, 0]);
  const leaf = new THREE.SphereGeometry(height * 0.17, 10, 6);
  leaf.scale(0.42, 1.5, 0.12);
  leaf.translate(0, height * 0.24, 0);
  const leaves = Array.from({ length: 17 }, (_, n) => {
    const one = solid(leaf, matte(shade("#4f8a52", (chance() - 0.5) * 0.12)), [0, height * 0.32, 0]);
    one.rotation.set(0.15 + chance() * 0.85, n * 2.4, 0, "YXZ");
    return one;
  });
  return group(pot, ...leaves);
}

function lightbulbs(height) {
  const bulbs = Array.from({ length: 11 }, (_, n) => {
    const along = n / 10 - 0.5;
    const lamp = ball(0.026, shining("#ffdf9a", 1.8), [along * 2.8, -height * (0.5 - 2 * along * along), 0], 12);
    lamp.castShadow = false;
    return lamp;
  });
  const light = new THREE.PointLight("#ffc878", 2.2, 6, 1.6);
  light.position.set(0, 0, 0.7);
  return group(...bulbs, light);
}

function lamp(height, foot, shadeRadius, colour, strength, reach) {
  const light = new THREE.PointLight(colour, strength, reach, 1.6);
  light.position.y = height * 0.92;
  return group(
    round(foot, foot, 0.03, matte("#2f2c30"), [0, 0, 0]), round(0.014, 0.014, height * 0.86, matte("#2f2c30"), [0, 0, 0], 12),
    round(shadeRadius, shadeRadius * 0.7, height * 0.17, shining("#ffe2ae", 0.85), [0, height * 0.83, 0]), light);
}

const floorlamp = (height) => lamp(height, 0.15, 0.19, "#ffcb86", 3.2, 6);

function lamppost(height) {
  const iron = matte("#23262b");
  const light = new THREE.PointLight("#ffc877", 14, 13, 1.6);
  light.position.y = height * 0.96;
  return group(round(0.11, 0.08, 0.3, iron), round(0.045, 0.035, height * 0.9, iron, [0, 0, 0], 12),
    ball(0.17, shining("#ffe3a6", 1.5), [0, height * 0.95, 0]), round(0.06, 0.16, 0.06, iron, [0, height * 0.87, 0]), light);
}

function building(height, chance) {
  const width = 6.2;
  const wall = ["#7d6a62", "#646d78", "#84725f"][Math.floor(chance() * 3)];
  const front = painted(256, 384, (context, w, h) => {
    context.fillStyle = wall;
    context.fillRect(0, 0, w, h);
    for (let y = 22; y < h - 70; y += 58) {
      for (let x = 20; x < w - 30; x += 58) {
        context.fillStyle = chance() > 0.5 ? "#ffd995" : "#39424f";
        context.fillRect(x, y, 28, 36);
      }
    }
    context.fillStyle = "#ffdfa2";
    context.fillRect(24, h - 54, w - 48, 46);
  });
  const lit = matte("#ffffff", { map: front, emissiveMap: front, emissive: "#ffffff", emissiveIntensity: 0.25 });
  return group(solid(new THREE.BoxGeometry(width, height, 4), lit, [0, height / 2, 0]),
    box(width + 0.3, 0.25, 4.3, matte(shade(wall, -0.1)), [0, height, 0]));
}

function mirror(height) {
  const glass = solid(new THREE.CircleGeometry(height * 0.4, 48),
    matte("#dfe8ee", { metalness: 0.9, roughness: 0.12 }), [0, height * 0.57, 0.012], false);
  const rim = solid(new THREE.TorusGeometry(height * 0.4, 0.016, 12, 60), matte("#c8a25e", { metalness: 0.7, roughness: 0.35 }),
    [0, height * 0.57, 0.01]);
  return group(glass, rim, round(0.09, 0.085, 0.018, rim.material), round(0.012, 0.012, height * 0.18, rim.material, [0, 0, 0], 12));
}

function vase(height, chance) {
  const body = turned([[0, 0], [0.3, 0], [0.42, 0.2], [0.3, 0.42], [0.14, 0.52], [0.18, 0.56]].map(([r, y]) =>
    [r * height * 0.5, y * height]), matte("#e9d9cf", { side: THREE.DoubleSide }));
  const flowers = Array.from({ length: 9 }, (_, n) => {
    const [turn, lean, tall] = [n * 2.4, 0.1 + chance() * 0.25, height * (0.72 + chance() * 0.28)];
    const [x, z] = [Math.cos(turn) * lean * height * 0.8, Math.sin(turn) * lean * height * 0.8];
    const colour = ["#e7929b", "#f6c9c4", "#fff3e6"][n % 3];
    return lump(height * 0.075, chance, matte(colour), [x, tall, z], 0.18);
  });
  const stems = flowers.map((flower) => {
    const stem = round(0.003, 0.003, height * 0.4, matte("#5d8a58"), [flower.position.x / 2, flower.position.y - height * 0.4, flower.position.z / 2], 6);
    return stem;
  });
  return group(body, ...stems, ...flowers);
}

function plate(height) {
  const china = matte("#fbf8f3", { roughness: 0.35, side: THREE.DoubleSide });
  const dish = turned([[0, 0.004], [0.075, 0.004], [0.11, 0.016], [0.13, 0.02], [0.13, 0.023], [0.108, 0.02], [0.073, 0.009], [0, 0.009]], china);
  const roll = new THREE.TorusGeometry(0.042, 0.02, 12, 24, 4.4);
  const bread = solid(roll, matte("#c98b46"), [0, height * 0.55, 0]);
  bread.rotation.set(-Math.PI / 2, 0, 0.7);
  const berries = [0, 1, 2, 3].map((n) => ball(0.009, matte("#a52a3a"), [0.06 + (n % 2) * 0.017, 0.02, 0.03 + n * 0.009], 10));
  return group(dish, bread, ...berries);
}

function teaset(height) {
  const clay = matte("#7c4a35", { roughness: 0.5, side: THREE.DoubleSide });
  const pot = turned([[0, 0], [0.4, 0], [0.62, 0.3], [0.5, 0.62], [0.24, 0.72], [0.2, 0.78], [0, 0.84]].map(([r, y]) =>
    [r * height, y * height]), clay);
  const knob = ball(height * 0.09, clay, [0, height * 0.9, 0]);
  const spout = round(height * 0.1, height * 0.05, height * 0.5, clay, [height * 0.72, height * 0.3, 0], 12);
  spout.rotation.z = -0.7;
  const handle = solid(new THREE.TorusGeometry(height * 0.27, height * 0.045, 10, 24), clay, [-height * 0.62, height * 0.4, 0]);
  const cups = [[0.16, 0.1], [0.05, 0.14], [0.22, 0.01]].map(([x, z]) =>
    turned([[0.018, 0], [0.032, 0.034], [0.034, 0.036], [0.03, 0.03]], matte("#f3f0e6", { side: THREE.DoubleSide }), [x, 0.012, z]));
  return group(pot, knob, spout, handle, ...cups, box(0.5, 0.012, 0.3, matte("#3c2819"), [0.06, 0, 0.05]));
}

function shelf(height, chance) {
  const wood = matte("#b58a5c");
  const jars = Array.from({ length: 5 }, (_, n) =>
    round(0.045, 0.045, 0.1 + chance() * 0.06, matte(["#e9ddc7", "#8aa58d", "#c98a5a"][n % 3]), [-0.3 + n * 0.15, 0.03, 0.1]));
  return group(box(0.9, 0.03, 0.24, wood, [0, 0, 0.1]), box(0.9, 0.03, 0.24, wood, [0, height, 0.1]), ...jars);
}

function sofa(height) {
  const cloth = matte("#56707c");
  const seat = [-0.42, 0.42].map((x) => box(0.8, 0.16, 0.72, matte(shade("#56707c", 0.04)), [x, 0.28, 0.04]));
  const pillow = box(0.42, 0.36, 0.12, matte("#d99b56"), [-0.55, 0.44, -0.16]);
  pillow.rotation.set(-0.25, 0.2, 0.15);
  return group(box(1.9, 0.28, 0.85, cloth), ...seat, box(1.9, height - 0.2, 0.2, cloth, [0, 0.2, -0.36]),
    ...[-1, 1].map((side) => box(0.2, 0.58, 0.85, cloth, [side * 0.95, 0, 0])), pillow);
}

function rug(width) {
  const rings = [[0.5, "#c86b4e"], [0.42, "#efe2cc"], [0.36, "#3f6470"], [0.14, "#efe2cc"]];
  return group(...rings.map(([size, colour], n) => {
    const ring = solid(new THREE.CircleGeometry(width * size, 60), matte(colour), [0, 0.003 + n * 0.0012, 0], false);
    ring.rotation.x = -Math.PI / 2;
    return ring;
  }));
}

function parasol(height) {
  const cover = Array.from({ length: 12 }, (_, n) => solid(
    new THREE.ConeGeometry(height * 0.55, height * 0.24, 3, 1, true, (n * Math.PI) / 6, Math.PI / 6),
    matte(n % 2 ? "#f6f1e7" : "#e2564a", { side: THREE.DoubleSide }), [0, height * 0.9, 0]));
  const top = group(round(0.022, 0.022, height, matte("#f0ebe2"), [0, 0, 0], 12), ...cover);
  top.rotation.z = 0.12;
  return top;
}

export const FURNITURE = {
  books, floorlamp, house: building, lamppost, lightbulbs, mirror, parasol, plant, plate, rug, shelf, sofa, teaset, vase, window: window_,
};

// ---- what the product stands on; its top is at the height that is said

function legs(width, top, depth, wood) {
  return [-1, 1].flatMap((x) => [-1, 1].map((z) => box(0.05, top - 0.03, 0.05, wood, [x * (width / 2 - 0.06), 0, z * (depth / 2 - 0.06)])));
}

function bed([width, top, depth], colour) {
  const linen = matte(colour);
  const pillows = [-0.4, 0.4].map((x) => {
    const pillow = ball(0.3, matte(shade(colour, 0.06)), [x, top + 0.02, -depth / 2 + 0.2], 24);
    pillow.scale.set(1.1, 0.32, 0.62);
    return pillow;
  });
  return group(box(width + 0.08, 0.26, depth + 0.08, matte("#7a5a42")), box(width, top - 0.2, depth, linen, [0, 0.2, 0]),
    box(width + 0.14, 0.95, 0.07, matte("#7a5a42"), [0, 0, -depth / 2 - 0.06]), ...pillows);
}

export function furnitureFor({ kind, size, colour }) {
  if (kind === "bed") return bed(size, colour);
  const [width, top, depth] = size;
  const grain = painted(512, 256, (context, w, h) => planks(context, w, h, colour, 1));
  const wood = matte("#ffffff", { map: grain, roughness: 0.6 });
  return group(box(width, 0.035, depth, wood, [0, top - 0.035, 0]), ...legs(width, top, depth, matte(shade(colour, -0.08))),
    ...(kind === "desk" ? [box(0.4, 0.5, depth - 0.1, matte(shade(colour, -0.05)), [width / 2 - 0.25, top - 0.54, 0])] : []));
}

// Boards with their grain, `across` of them.
export function planks(context, width, height, colour, across) {
  const wide = height / across;
  for (let n = 0; n < across; n++) {
    context.fillStyle = `#${shade(colour, (((n * 7) % 5) - 2) * 0.012).getHexString()}`;
    context.fillRect(0, n * wide, width, wide);
    context.strokeStyle = `#${shade(colour, -0.05).getHexString()}55`;
    for (let line = 0; line < wide / 9; line++) {
      const y = n * wide + line * 9 + ((line * 37) % 5);
      context.beginPath();
      context.moveTo(0, y);
      context.bezierCurveTo(width * 0.3, y + ((line * 13) % 9) - 4, width * 0.6, y - ((line * 29) % 9) + 4, width, y);
      context.stroke();
    }
    if (across > 1) {
      context.fillStyle = "#0003";
      context.fillRect(0, n * wide, width, 2);
    }
  }
}
