// Things that grow and lie outside. Each takes how high it is in metres, its share of chance and the scene.

import * as THREE from "/libraries/three.js";
import { group, lump, matte, round, scattered, shade, shining, solid } from "./shapes.js";

const SNOW = "#f4f8fc";

function cone(radius, height, material, at, sides = 9) {
  return solid(new THREE.ConeGeometry(radius, height, sides), material, at);
}

function tree(height, chance, { capped }) {
  const trunk = round(height * 0.025, height * 0.012, height * 0.4, matte("#54402f"), [0, 0, 0], 7);
  const green = matte(capped ? "#3f5d52" : "#35532f", { flatShading: true });
  const white = matte(SNOW, { flatShading: true });
  const layers = [0, 1, 2, 3].flatMap((n) => {
    const [radius, tall, y] = [height * (0.2 - n * 0.04), height * 0.32, height * (0.3 + n * 0.18)];
    const needles = cone(radius, tall, green, [0, y, 0]);
    needles.rotation.y = chance() * 3;
    if (!capped) return [needles];
    const cap = cone(radius * 0.8, tall * 0.62, white, [0, y + tall * 0.2, 0]);
    cap.rotation.y = needles.rotation.y;
    return [needles, cap];
  });
  return group(trunk, ...layers);
}

function mountain(height, chance, { capped, haze }) {
  const rows = 26;
  const geometry = new THREE.ConeGeometry(height * 1.25, height, 30, rows);
  const [places, colours] = [geometry.attributes.position, []];
  const phases = [0, 1, 2, 3].map(() => chance() * 6.3);
  const [rock, white] = [new THREE.Color(haze).lerp(new THREE.Color("#39424c"), 0.42), new THREE.Color(SNOW)];
  for (let n = 0; n < places.count; n++) {
    const [x, y, z] = [places.getX(n), places.getY(n), places.getZ(n)];
    const around = Math.atan2(z, x);
    const up = y / height + 0.5;
    const ridge = 1 + 0.2 * Math.sin(around * 3 + phases[0] + up * 2) + 0.11 * Math.sin(around * 7 + phases[1] - up * 5);
    const drop = (1 - up) * 0.09 * height * Math.sin(around * 11 + phases[2] + up * 9);
    places.setXYZ(n, x * ridge, y + drop, z * ridge);
    const line = 0.62 + 0.1 * Math.sin(around * 5 + phases[3]) + 0.05 * Math.sin(around * 13);
    const tone = capped && up > line ? white.clone().lerp(rock, 0.12) : rock;
    colours.push(tone.r, tone.g, tone.b);
  }
  geometry.setAttribute("color", new THREE.Float32BufferAttribute(colours, 3));
  geometry.computeVertexNormals();
  const material = matte("#ffffff", { vertexColors: true, flatShading: true });
  return solid(geometry, material, [0, height / 2 - height * 0.08, 0], false);
}

function rock(height, chance, { capped }) {
  const stone = lump(height, chance, matte(capped ? "#8b929b" : "#7d7a74", { flatShading: true }), [0, height * 0.25, 0]);
  stone.scale.y = 0.65;
  if (!capped) return group(stone);
  const cap = lump(height * 0.92, chance, matte(SNOW, { flatShading: true }), [0, height * 0.45, 0], 0.1);
  cap.scale.y = 0.45;
  return group(stone, cap);
}

function log(height) {
  const bark = round(height / 2, height / 2, height * 4, matte("#5d4531"), [0, 0, 0], 14);
  bark.rotation.z = Math.PI / 2;
  bark.position.set(0, height / 2, 0);
  const ends = [-1, 1].map((side) => {
    const cut = solid(new THREE.CircleGeometry(height * 0.47, 14), matte("#c39a6b"), [side * height * 2.005, height / 2, 0]);
    cut.rotation.y = (side * Math.PI) / 2;
    return cut;
  });
  return group(bark, ...ends);
}

// It flickers by itself: whoever draws calls `tick` with the seconds.
function campfire(height, chance) {
  const flames = [["#ff7a1c", 1, 0], ["#ffb13b", 0.72, 0.02], ["#fff0a8", 0.42, 0.03]].map(([colour, size, out]) =>
    cone(height * 0.28 * size, height * size, shining(colour, 1.6), [out, height * size * 0.5 + 0.04, out], 7),
  );
  for (const flame of flames) flame.castShadow = false;
  const sticks = [0, 1, 2, 3, 4].map((n) => {
    const stick = round(0.035, 0.03, height, matte("#3d2c20"), [0, 0.05, 0], 8);
    stick.rotation.set(1.25, (n * Math.PI * 2) / 5, 0, "YXZ");
    return stick;
  });
  const stones = Array.from({ length: 10 }, (_, n) => {
    const angle = (n * Math.PI * 2) / 10;
    return lump(0.09, chance, matte("#6a6660", { flatShading: true }), [Math.cos(angle) * 0.42, 0.05, Math.sin(angle) * 0.42]);
  });
  const light = new THREE.PointLight("#ff9a45", 9, 14, 1.7);
  light.position.y = height * 0.9;
  const fire = group(...sticks, ...stones, ...flames, light);
  fire.userData.tick = (seconds) => {
    light.intensity = 9 + Math.sin(seconds * 9) * 1.2 + Math.sin(seconds * 23) * 0.8;
    flames.forEach((flame, n) => flame.scale.set(1, 1 + 0.14 * Math.sin(seconds * (7 + n * 3) + n), 1));
  };
  return fire;
}

function palm(height, chance) {
  const bark = matte("#8d6f4d");
  const bend = (up) => height * 0.22 * up * up;
  const trunk = Array.from({ length: 10 }, (_, n) =>
    round(height * 0.026, height * 0.03, height / 9.5, bark, [bend(n / 10), (n / 10) * height, 0], 10));
  const green = matte("#4c8a45", { side: THREE.DoubleSide, flatShading: true });
  const fronds = Array.from({ length: 13 }, (_, n) => {
    const blade = new THREE.PlaneGeometry(height * 0.5, height * 0.1, 8, 2);
    const places = blade.attributes.position;
    for (let p = 0; p < places.count; p++) {
      const along = places.getX(p) / (height * 0.5) + 0.5;
      places.setXYZ(p, along * height * 0.48, height * (0.1 * along - 0.34 * along * along) - Math.abs(places.getY(p)) * 0.5,
        places.getY(p) * Math.sin(Math.PI * Math.min(1, 0.12 + along)));
    }
    blade.computeVertexNormals();
    const frond = solid(blade, green, [bend(1), height, 0]);
    frond.rotation.y = (n / 13) * Math.PI * 2 + chance() * 0.3;
    return frond;
  });
  return group(...trunk, ...fronds);
}

function bamboo(height, chance) {
  const stems = Array.from({ length: 6 }, () => {
    const [x, z, tall] = [(chance() - 0.5) * 0.4, (chance() - 0.5) * 0.3, height * (0.7 + chance() * 0.3)];
    return round(0.016, 0.011, tall, matte(shade("#6f9a4b", (chance() - 0.5) * 0.1)), [x, 0, z], 8);
  });
  const leaf = matte("#5d8f45", { side: THREE.DoubleSide });
  const leaves = Array.from({ length: 60 }, () => {
    const one = solid(new THREE.ConeGeometry(0.02, 0.19, 4), leaf, [
      (chance() - 0.5) * 0.75, height * (0.4 + chance() * 0.6), (chance() - 0.5) * 0.5]);
    one.scale.z = 0.15;
    one.rotation.set(chance() * 2 + 0.6, chance() * 6, chance());
    return one;
  });
  return group(...stems, ...leaves, round(0.24, 0.28, 0.16, matte("#4a4640"), [0, 0, 0]));
}

// Short blades on the ground near the product.
export function grass(colour, reach, inner, chance, heightAt) {
  const blade = new THREE.ConeGeometry(0.006, 0.09, 3);
  blade.translate(0, 0.045, 0);
  const tones = [-0.02, 0.03, 0.07].map((by) => matte(shade(colour, by)));
  const places = tones.map(() => []);
  for (let n = 0; n < 2600; n++) {
    const [angle, far] = [chance() * Math.PI * 2, inner + reach * Math.pow(chance(), 1.4)];
    const [x, z] = [Math.cos(angle) * far, Math.sin(angle) * far];
    const size = 0.5 + chance();
    const turn = new THREE.Quaternion().setFromEuler(new THREE.Euler((chance() - 0.5) * 0.7, chance() * 6, (chance() - 0.5) * 0.7));
    places[n % 3].push(new THREE.Matrix4().compose(new THREE.Vector3(x, heightAt(x, z), z), turn, new THREE.Vector3(size, size, size)));
  }
  return group(...tones.map((tone, n) => scattered(solid(blade, tone, [0, 0, 0], false), places[n])));
}

export const NATURE = { tree, mountain, rock, log, campfire, palm, bamboo };
