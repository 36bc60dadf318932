// What everything stands on, and the sky over it.

import * as THREE from "/libraries/three.js";
import { planks } from "./furniture.js";
import { dice, group, matte, painted, shade, solid } from "./shapes.js";

const FAR = 90;

// How high the ground is at a place: level near the product, rolling farther off.
export function heightOf({ hills }) {
  return (x, z) => {
    const far = Math.max(0, Math.hypot(x, z) - 3) / 12;
    const waves = Math.sin(x * 0.22 + 1.3) + Math.sin(z * 0.19 - x * 0.08) + 0.4 * Math.sin(x * 0.61 + z * 0.47);
    return hills * Math.min(far, 2.2) * (waves * 0.4 + 0.25);
  };
}

function speckled(colour, size, amount) {
  const chance = dice(7);
  const texture = painted(512, 512, (context, w, h) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, w, h);
    for (let n = 0; n < 9000; n++) {
      context.fillStyle = `#${shade(colour, (chance() - 0.5) * amount).getHexString()}66`;
      context.fillRect(chance() * w, chance() * h, 1 + chance() * size, 1 + chance() * size);
    }
  });
  return repeated(texture, FAR);
}

function repeated(texture, times) {
  texture.wrapS = texture.wrapT = THREE.RepeatWrapping;
  texture.repeat.set(times, times);
  return texture;
}

const boards = (colour) => repeated(painted(1024, 1024, (context, w, h) => planks(context, w, h, colour, 7)), FAR * 0.75);

function woven(colour) {
  return repeated(painted(128, 128, (context, w, h) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, w, h);
    for (let n = 0; n < 32; n++) {
      context.fillStyle = `#${shade(colour, n % 2 ? 0.03 : -0.03).getHexString()}`;
      context.fillRect(0, n * 4, w, 2);
    }
  }), FAR * 3);
}

const SURFACES = {
  plain: (colour) => matte(colour, { roughness: 1 }),
  grass: (colour) => matte("#ffffff", { map: speckled(colour, 5, 0.16), roughness: 1 }),
  snow: (colour) => matte("#ffffff", { map: speckled(colour, 4, 0.05), roughness: 0.9 }),
  wet: (colour) => matte("#ffffff", { map: speckled(colour, 6, 0.08), roughness: 0.22, metalness: 0.25 }),
  beach: (colour) => matte("#ffffff", { map: speckled(colour, 3, 0.14), roughness: 1 }),
  boards: (colour) => matte("#ffffff", { map: boards(colour), roughness: 0.55 }),
  mat: (colour) => matte("#ffffff", { map: woven(colour), roughness: 1 }),
  road: (colour) => matte("#ffffff", { map: speckled(colour, 4, 0.12), roughness: 0.95 }),
  track: (colour) => matte("#ffffff", { map: speckled(colour, 3, 0.1), roughness: 0.95 }),
};

function flat(width, depth, material, [x, y, z]) {
  const sheet = solid(new THREE.PlaneGeometry(width, depth), material, [x, y, z], false);
  sheet.rotation.x = -Math.PI / 2;
  return sheet;
}

function sea() {
  return flat(FAR * 3, FAR, matte("#2f93b4", { roughness: 0.12, metalness: 0.2 }), [0, 0.05, -12 - FAR / 2]);
}

function lanes() {
  const white = matte("#f6f1e8");
  return group(...[-1.83, -0.61, 0.61, 1.83, 3.05].map((x) => flat(0.05, FAR, white, [x, 0.004, 5 - FAR / 2])));
}

function markings() {
  const white = matte("#f0ece2");
  return group(...Array.from({ length: 14 }, (_, n) => flat(0.14, 1.6, white, [-1.6, 0.004, 2 - n * 4])));
}

const LAID = { beach: sea, track: lanes, road: markings };

export function ground(scene) {
  const { kind, colour } = scene.ground;
  const geometry = new THREE.PlaneGeometry(FAR * 2, FAR * 2, 90, 90);
  geometry.rotateX(-Math.PI / 2);
  const [places, height] = [geometry.attributes.position, heightOf(scene.ground)];
  for (let n = 0; n < places.count; n++) {
    const dip = kind === "beach" ? Math.min(0, (places.getZ(n) + 9) * 0.04) : 0;
    places.setY(n, height(places.getX(n), places.getZ(n)) + dip);
  }
  geometry.computeVertexNormals();
  return group(solid(geometry, SURFACES[kind](colour), [0, 0, 0], false), ...(LAID[kind] ? [LAID[kind]()] : []));
}

export function walls({ colour }, indoorsFrom) {
  const wall = solid(new THREE.PlaneGeometry(14, 3.2), matte(colour, { side: THREE.DoubleSide }), [0, 1.6, indoorsFrom], false);
  const skirting = solid(new THREE.BoxGeometry(14, 0.11, 0.03), matte(shade(colour, 0.08)), [0, 0.055, indoorsFrom + 0.015], false);
  return group(wall, skirting);
}

// A dome with a gradient from the horizon up, and stars.
export function sky({ top, horizon, stars }) {
  const chance = dice(11);
  const picture = painted(1024, 512, (context, w, h) => {
    const gradient = context.createLinearGradient(0, 0, 0, h * 0.5);
    gradient.addColorStop(0.4, top);
    gradient.addColorStop(0.75, `#${new THREE.Color(top).lerp(new THREE.Color(horizon), 0.45).getHexString()}`);
    gradient.addColorStop(1, horizon);
    context.fillStyle = gradient;
    context.fillRect(0, 0, w, h);
    for (let n = 0; n < stars; n++) {
      context.fillStyle = `rgba(255, 250, 230, ${0.3 + chance() * 0.7})`;
      context.fillRect(chance() * w, chance() * h * 0.42, 1.4, 1.4);
    }
  });
  const material = new THREE.MeshBasicMaterial({ map: picture, side: THREE.BackSide, fog: false, depthWrite: false });
  return new THREE.Mesh(new THREE.SphereGeometry(180, 48, 32), material);
}

// Sun or lamp with shadows as sharp as the product is small, and light from above and below. `reach`: how far shadows go.
export function lights({ light, sky: { top }, ground: { colour } }, at, reach) {
  const lamp = new THREE.DirectionalLight(light.colour, light.strength);
  lamp.position.set(...light.from).normalize().multiplyScalar(reach * 4).add(at);
  lamp.target.position.copy(at);
  lamp.castShadow = true;
  lamp.shadow.mapSize.set(2048, 2048);
  Object.assign(lamp.shadow.camera, { left: -reach, right: reach, top: reach, bottom: -reach, near: 0.01, far: reach * 10 });
  lamp.shadow.radius = 5;
  lamp.shadow.normalBias = reach / 250;
  return group(lamp, lamp.target, new THREE.HemisphereLight(shade(top, 0.12), shade(colour, 0.05), light.ambient));
}
