// A camera that goes to and fro before the product by itself until somebody drags it; a wheel or two fingers come nearer.

import * as THREE from "/libraries/three.js";

const [SWING, PERIOD_S] = [0.38, 26];
const [LOWEST, HIGHEST] = [0.02, 1.2];

// `centre` is looked at, from `distance` metres; `changed` is called when somebody moves it.
export function orbit(canvas, camera, still, changed) {
  const at = { centre: new THREE.Vector3(), around: 0.25, up: 0.2, distance: 2, near: 1, far: 4, taken: still };
  const fingers = new Map();
  let spread = 0;

  function place(seconds) {
    const around = at.taken ? at.around : at.around + SWING * Math.sin((seconds * Math.PI * 2) / PERIOD_S);
    const flat = Math.cos(at.up) * at.distance;
    camera.position.set(Math.sin(around) * flat, Math.sin(at.up) * at.distance, Math.cos(around) * flat).add(at.centre);
    camera.position.y = Math.max(camera.position.y, 0.03);
    camera.lookAt(at.centre);
  }

  function take() {
    if (!at.taken) at.around = Math.atan2(camera.position.x - at.centre.x, camera.position.z - at.centre.z);
    at.taken = true;
  }

  function turn(x, y) {
    take();
    changed();
    at.around -= x * 0.006;
    at.up = Math.min(HIGHEST, Math.max(LOWEST, at.up + y * 0.005));
  }

  function come(factor) {
    take();
    changed();
    at.distance = Math.min(at.far, Math.max(at.near, at.distance * factor));
  }

  function moved(event) {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    const held = [...fingers.values()];
    if (held.length === 1) return turn(event.clientX - before.clientX, event.clientY - before.clientY);
    const now = Math.hypot(held[0].clientX - held[1].clientX, held[0].clientY - held[1].clientY);
    if (spread) come(spread / now);
    spread = now;
  }

  function lifted(event) {
    fingers.delete(event.pointerId);
    spread = 0;
  }

  const KEYS = { ArrowLeft: [-25, 0], ArrowRight: [25, 0], ArrowUp: [0, 25], ArrowDown: [0, -25] };
  function pressed(event) {
    if (KEYS[event.key]) turn(...KEYS[event.key]);
    else if (event.key === "+" || event.key === "=") come(0.87);
    else if (event.key === "-") come(1.15);
    else return;
    event.preventDefault();
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
  });
  canvas.addEventListener("pointermove", moved);
  canvas.addEventListener("pointerup", lifted);
  canvas.addEventListener("pointercancel", lifted);
  canvas.addEventListener("keydown", pressed);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    come(event.deltaY > 0 ? 1.1 : 0.91);
  }, { passive: false });

  return {
    place,
    // What stands there is so large around its centre.
    frame(centre, radius, indoors) {
      at.centre.copy(centre);
      at.distance = Math.max(0.34, radius * 4.6 + (indoors ? 0.12 : 0.35));
      Object.assign(at, { near: radius * 1.5, far: at.distance * (indoors ? 1.7 : 2.6), up: indoors ? 0.2 : 0.1 });
    },
  };
}
