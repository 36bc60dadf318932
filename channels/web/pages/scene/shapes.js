// What all things of a scene are made of: matte materials, simple solids, and chance that comes out the same every time.

import * as THREE from "/libraries/three.js";

// Numbers from 0 to 1 that look random and are the same for the same seed: a linear congruential generator with the
// multiplier and increment of Numerical Recipes (Press et al., 1992), of whose 32 bits the upper ones are used.
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 16777216;
  };
}

export function matte(colour, more = {}) {
  return new THREE.MeshStandardMaterial({ color: colour, roughness: 0.85, metalness: 0, ...more });
}

export function shining(colour, strength = 1) {
  return new THREE.MeshStandardMaterial({ color: colour, emissive: colour, emissiveIntensity: strength, roughness: 1 });
}

// A colour lighter (above 0) or darker (below 0) than another.
export function shade(colour, by) {
  return new THREE.Color(colour).offsetHSL(0, 0, by);
}

export function solid(geometry, material, [x, y, z] = [0, 0, 0], casts = true) {
  const mesh = new THREE.Mesh(geometry, material);
  mesh.position.set(x, y, z);
  mesh.castShadow = casts;
  mesh.receiveShadow = true;
  return mesh;
}

// The middle of a box's foot is at `at`.
export function box(width, height, depth, material, [x, y, z] = [0, 0, 0]) {
  return solid(new THREE.BoxGeometry(width, height, depth), material, [x, y + height / 2, z]);
}

// A round thing that stands: its foot's radius, its top's, its height.
export function round(foot, top, height, material, [x, y, z] = [0, 0, 0], sides = 28) {
  return solid(new THREE.CylinderGeometry(top, foot, height, sides), material, [x, y + height / 2, z]);
}

export function ball(radius, material, at, sides = 20) {
  return solid(new THREE.SphereGeometry(radius, sides, Math.max(8, sides / 2)), material, at);
}

// A turned thing, such as a cup: its outline as [radius, height] from the foot up.
export function turned(outline, material, at) {
  const points = outline.map(([radius, height]) => new THREE.Vector2(radius, height));
  return solid(new THREE.LatheGeometry(points, 40), material, at);
}

export function group(...parts) {
  const all = new THREE.Group();
  all.add(...parts);
  return all;
}

// A stone, a cloud of leaves: a ball whose corners are pushed about.
export function lump(radius, chance, material, at, rough = 0.25) {
  const geometry = new THREE.IcosahedronGeometry(radius, 1);
  const places = geometry.attributes.position;
  const moved = new Map();
  for (let n = 0; n < places.count; n++) {
    const key = [places.getX(n), places.getY(n), places.getZ(n)].map((v) => v.toFixed(3)).join();
    if (!moved.has(key)) moved.set(key, 1 + (chance() - 0.5) * 2 * rough);
    const by = moved.get(key);
    places.setXYZ(n, places.getX(n) * by, places.getY(n) * by, places.getZ(n) * by);
  }
  geometry.computeVertexNormals();
  return solid(geometry, material, at);
}

// Many of one thing at once: each mesh of it is drawn in one go.
export function scattered(thing, places) {
  thing.updateMatrixWorld(true);
  const all = new THREE.Group();
  thing.traverse((part) => {
    if (!part.isMesh) return;
    const many = new THREE.InstancedMesh(part.geometry, part.material, places.length);
    places.forEach((place, n) => many.setMatrixAt(n, place.clone().multiply(part.matrixWorld)));
    many.castShadow = part.castShadow;
    many.receiveShadow = true;
    many.frustumCulled = false;
    all.add(many);
  });
  return all;
}

// A picture drawn by `draw(context, width, height)`, as a texture.
export function painted(width, height, draw) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  draw(canvas.getContext("2d"), width, height);
  const texture = new THREE.CanvasTexture(canvas);
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.anisotropy = 8;
  return texture;
}

// Gives back to the graphics card what a scene took.
export function dispose(root) {
  root.traverse((part) => {
    part.geometry?.dispose();
    for (const material of [part.material ?? []].flat()) {
      material.map?.dispose();
      material.dispose();
    }
  });
}
