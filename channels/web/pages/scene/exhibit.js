// What is shown: the product in true metres, or its picture on a stand where it has no model, with a known thing beside it.

import * as THREE from "/libraries/three.js";
import { GLTFLoader } from "/libraries/loaders/GLTFLoader.js";
import { KNOWN } from "./known.js";
import { box, group, matte, solid } from "./shapes.js";

// These stand on the floor, whatever the product stands on.
const ON_FLOOR = ["chair", "person", "door"];
// A picture is so high, where nobody knows how large the product is.
const PICTURE_M = 0.62;

export async function model(address) {
  const { scene } = await new GLTFLoader().loadAsync(address);
  scene.traverse((part) => {
    if (part.isMesh) [part.castShadow, part.receiveShadow] = [true, true];
  });
  return scene;
}

export async function picture(address, height = PICTURE_M) {
  const texture = await new THREE.TextureLoader().loadAsync(address);
  texture.colorSpace = THREE.SRGBColorSpace;
  const width = (height * texture.image.width) / texture.image.height;
  const wood = matte("#a9835b");
  const print = solid(new THREE.PlaneGeometry(width, height), matte("#ffffff", { map: texture }), [0, height / 2 + 0.05, 0.016]);
  const leg = box(0.02, height, 0.02, wood, [0, 0, -0.14]);
  leg.rotation.x = 0.24;
  const board = group(print, box(width + 0.03, height + 0.03, 0.02, wood, [0, 0.035, 0]), leg);
  board.rotation.x = -0.07;
  return group(board);
}

// Moves a thing so that the middle of its foot is at `at`; returns how large it is.
function stood(thing, at) {
  thing.updateMatrixWorld(true);
  const bounds = new THREE.Box3().setFromObject(thing, true);
  const middle = bounds.getCenter(new THREE.Vector3());
  thing.position.add(new THREE.Vector3(at.x - middle.x, at.y - bounds.min.y, at.z - middle.z));
  thing.updateMatrixWorld(true);
  return bounds.getSize(new THREE.Vector3());
}

// The product at the middle, `beside` to its right; returns the whole and the boxes around both.
export function exhibit(product, beside, stand) {
  const top = stand ? stand.size[1] : 0;
  const size = stood(product, new THREE.Vector3(0, top, 0));
  const all = group(product);
  const bounds = new THREE.Box3().setFromObject(product, true);
  if (!beside) return { all, bounds, whole: bounds.clone() };
  const thing = KNOWN[beside.kind](beside.size);
  const wide = new THREE.Box3().setFromObject(thing, true).getSize(new THREE.Vector3()).x;
  const floor = stand && ON_FLOOR.includes(beside.kind);
  const edge = floor ? stand.size[0] / 2 : size.x / 2;
  stood(thing, new THREE.Vector3(edge + wide / 2 + Math.max(0.012, size.x * 0.16), floor ? 0 : top, floor ? 0.1 : size.z * 0.1));
  all.add(thing);
  return { all, bounds, whole: bounds.clone().union(new THREE.Box3().setFromObject(thing, true)), thing };
}
