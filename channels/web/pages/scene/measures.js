// Lines along the product's edges, and words beside them that stay level and sharp: these are of the page, not of the drawing.

import * as THREE from "/libraries/three.js";

const said = (metres) => (metres >= 1 ? `${+metres.toFixed(2)} m` : `${+(metres * 100).toFixed(1)} cm`);

function edges({ min, max }) {
  const gap = Math.max(max.x - min.x, max.y - min.y, max.z - min.z) * 0.06;
  const [front, left] = [max.z + gap, min.x - gap];
  return [
    { from: [min.x, min.y, front], to: [max.x, min.y, front], along: "x", text: said(max.x - min.x) },
    { from: [left, min.y, max.z], to: [left, max.y, max.z], along: "y", text: said(max.y - min.y) },
    { from: [left, min.y, min.z], to: [left, min.y, max.z], along: "z", text: said(max.z - min.z) },
  ];
}

function drawn(from, to, along, tick) {
  const [a, b] = [new THREE.Vector3(...from), new THREE.Vector3(...to)];
  const aside = along === "y" ? new THREE.Vector3(tick, 0, 0) : new THREE.Vector3(0, tick, 0);
  return [a, b, a.clone().add(aside), a.clone().sub(aside), b.clone().add(aside), b.clone().sub(aside)];
}

// Lines for the drawing, and `follow(camera)` that moves the words; `beside` names the known thing, at its top.
export function measures(box, words, { bounds, thing, sized, name }) {
  const list = sized ? edges(bounds) : [];
  const tick = bounds.getSize(new THREE.Vector3()).length() * 0.012;
  const points = list.flatMap(({ from, to, along }) => drawn(from, to, along, tick));
  const lines = new THREE.LineSegments(
    new THREE.BufferGeometry().setFromPoints(points),
    new THREE.LineBasicMaterial({ color: "#ffffff", transparent: true, opacity: 0.85, depthTest: false, fog: false }),
  );
  const labels = list.map(({ from, to, along, text }) => label(words, text, `edge along-${along}`, middle(from, to)));
  if (thing) {
    const over = new THREE.Box3().setFromObject(thing, true);
    labels.push(label(words, name, "known", new THREE.Vector3((over.min.x + over.max.x) / 2, over.max.y, over.max.z)));
  }
  return { lines, follow: (camera) => labels.forEach((one) => follow(box, camera, one)) };
}

function middle(from, to) {
  return new THREE.Vector3(...from).add(new THREE.Vector3(...to)).multiplyScalar(0.5);
}

function label(words, text, kind, at) {
  const [node, pill] = [document.createElement("div"), document.createElement("span")];
  node.className = `measure ${kind}`;
  pill.textContent = text;
  node.append(pill);
  words.append(node);
  return { node, at };
}

function follow(box, camera, { node, at }) {
  const seen = at.clone().project(camera);
  node.hidden = seen.z > 1;
  const [x, y] = [((seen.x + 1) / 2) * box.clientWidth, ((1 - seen.y) / 2) * box.clientHeight];
  node.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
}
