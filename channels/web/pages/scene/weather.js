// What falls or floats: points that are moved a little at each tick, and stay within a room of their own around the product.

import * as THREE from "/libraries/three.js";
import { painted } from "./shapes.js";

const KINDS = {
  snow: { colour: "#ffffff", size: 0.075, speed: -0.55, sway: 0.35, high: 6, opacity: 0.9 },
  rain: { colour: "#cfdcea", size: 0.16, speed: -7, sway: 0, high: 6, opacity: 0.5 },
  fireflies: { colour: "#ffe98a", size: 0.05, speed: 0.06, sway: 0.5, high: 1.6, opacity: 1 },
};
const REACH = 6;

function dot(kind) {
  return painted(32, 32, (context) => {
    const glow = context.createRadialGradient(16, 16, 0, 16, 16, 16);
    glow.addColorStop(0, "#ffffffff");
    glow.addColorStop(kind === "fireflies" ? 0.25 : 0.7, "#ffffffcc");
    glow.addColorStop(1, "#ffffff00");
    context.fillStyle = glow;
    if (kind === "rain") context.fillRect(15, 0, 1.4, 32);
    else context.fillRect(0, 0, 32, 32);
  });
}

export function particles({ kind, count }, chance, clear) {
  const like = KINDS[kind];
  const places = new Float32Array(count * 3);
  for (let n = 0; n < count; n++) {
    const [angle, far] = [chance() * Math.PI * 2, clear + chance() * REACH];
    places.set([Math.cos(angle) * far, chance() * like.high, Math.sin(angle) * far], n * 3);
  }
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute("position", new THREE.BufferAttribute(places, 3));
  const material = new THREE.PointsMaterial({
    color: like.colour, size: like.size, map: dot(kind), transparent: true, opacity: like.opacity, depthWrite: false,
    blending: kind === "fireflies" ? THREE.AdditiveBlending : THREE.NormalBlending,
  });
  const cloud = new THREE.Points(geometry, material);
  cloud.frustumCulled = false;
  let last = 0;
  cloud.userData.tick = (seconds) => {
    const passed = Math.min(0.1, seconds - last);
    last = seconds;
    for (let n = 0; n < count; n++) {
      places[n * 3] += Math.sin(seconds * 0.8 + n) * like.sway * passed;
      places[n * 3 + 1] = (places[n * 3 + 1] + like.speed * passed + like.high) % like.high;
    }
    geometry.attributes.position.needsUpdate = true;
  };
  return cloud;
}
