// A product in a scene. `openScene` draws into a box of the page; the scene is what the service says of it (bot/scenes.py).

import * as THREE from "/libraries/three.js";
import { orbit } from "./camera.js";
import { exhibit, model, picture } from "./exhibit.js";
import { FURNITURE, furnitureFor } from "./furniture.js";
import { ground, heightOf, lights, sky, walls } from "./ground.js";
import { canStepInside, stepInside } from "./immersive.js";
import { measures } from "./measures.js";
import { NATURE, grass } from "./nature.js";
import { dice, dispose, group, scattered } from "./shapes.js";
import { particles } from "./weather.js";

const PROPS = { ...NATURE, ...FURNITURE };
// Where the wall stands, behind what stands before it.
const wallOf = (scene) => Math.min(-0.4, ...scene.props.filter((prop) => prop.at).map((prop) => prop.at[1])) - 0.04;

// ---- what a scene is made of

function prop(said, chance, scene) {
  const like = { capped: said.capped, sky: scene.sky, haze: scene.fog?.colour ?? scene.sky.horizon };
  const thing = PROPS[said.kind](said.height, chance, like);
  const height = heightOf(scene.ground);
  if (said.at) {
    thing.position.set(said.at[0], said.above + (scene.indoors ? 0 : height(...said.at)), said.at[1]);
    return thing;
  }
  return scattered(thing, Array.from({ length: said.count }, () => somewhere(said.around, chance, height)));
}

// Behind the product rather than before it: what stands before hides it.
function somewhere([from, to], chance, height) {
  const angle = Math.PI * (1.08 + chance() * 0.84) + (chance() > 0.8 ? (chance() - 0.5) * 1.2 : 0);
  const far = from + (to - from) * Math.sqrt(chance());
  const [x, z, size] = [Math.cos(angle) * far, Math.sin(angle) * far, 0.65 + chance() * 0.6];
  const turn = new THREE.Quaternion().setFromEuler(new THREE.Euler(0, chance() * 6.3, 0));
  return new THREE.Matrix4().compose(new THREE.Vector3(x, height(x, z), z), turn, new THREE.Vector3(size, size, size));
}

function surroundings(scene, radius) {
  const chance = dice(5);
  const parts = [sky(scene.sky), ground(scene), ...scene.props.map((said) => prop(said, chance, scene))];
  if (scene.walls) parts.push(walls(scene.walls, wallOf(scene)));
  if (scene.stand) parts.push(furnitureFor(scene.stand));
  if (scene.particles) parts.push(particles(scene.particles, chance, radius));
  if (scene.ground.kind === "grass") parts.push(grass(scene.ground.colour, 5, radius * 0.75, chance, heightOf(scene.ground)));
  return group(...parts);
}

// ---- the drawing

function rendererIn(box) {
  const renderer = new THREE.WebGLRenderer({ antialias: true });
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.type = THREE.PCFShadowMap;
  renderer.toneMapping = THREE.NeutralToneMapping; // colours of products stay theirs
  renderer.toneMappingExposure = 1.15;
  renderer.xr.enabled = true;
  renderer.domElement.tabIndex = 0;
  box.append(renderer.domElement);
  return renderer;
}

// What metal and glass mirror: the sky.
function reflections(renderer, scene) {
  const maker = new THREE.PMREMGenerator(renderer);
  const world = new THREE.Scene();
  world.add(sky(scene.sky));
  const { texture } = maker.fromScene(world, 0.04, 0.1, 400);
  maker.dispose();
  return texture;
}

/* Draws a product into `box`. `shown` has its `glb`, or else its `picture`, and its `label` in words; `still`: nothing moves by
   itself. Returns `show(scene, known)` for a scene, `step` into it where `canStep`, and `close`. Throws where WebGL is missing. */
export async function openScene(box, shown, still) {
  const renderer = rendererIn(box);
  const words = document.createElement("div");
  words.className = "measures";
  box.append(words);
  renderer.domElement.setAttribute("role", "img");
  const camera = new THREE.PerspectiveCamera(38, 1, 0.01, 400);
  let stale = true;
  const view = orbit(renderer.domElement, camera, still, () => (stale = true));
  const product = shown.glb ? await model(shown.glb) : await picture(shown.picture);
  let world = null;
  let labels = null;
  let framed = null;

  function fit() {
    const [width, height] = [box.clientWidth, box.clientHeight];
    if (!width || !height) return;
    renderer.setSize(width, height);
    stale = true;
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    if (framed) view.frame(framed.centre, framed.radius, framed.indoors);
  }

  function show(scene, beside, name) {
    clear();
    product.position.set(0, 0, 0);
    const made = exhibit(product, beside, scene.stand);
    const radius = Math.max(0.07, made.whole.getSize(new THREE.Vector3()).length() / 2);
    // More is to be seen over things than on the ground before them.
    const centre = made.whole.getCenter(new THREE.Vector3()).add(new THREE.Vector3(0, radius * 0.28, 0));
    framed = { centre, radius, indoors: scene.indoors };
    world = new THREE.Scene();
    world.add(made.all, surroundings(scene, radius), lights(scene, framed.centre, Math.max(radius * 3.2, scene.indoors ? 1 : 2.4)));
    world.environment = reflections(renderer, scene);
    world.environmentIntensity = 0.4;
    if (scene.fog) world.fog = new THREE.FogExp2(scene.fog.colour, scene.fog.density);
    labels = measures(box, words, { ...made, sized: Boolean(shown.glb), name });
    world.add(labels.lines);
    renderer.domElement.setAttribute("aria-label", shown.label);
    fit();
  }

  function clear() {
    words.replaceChildren();
    if (!world) return;
    world.environment?.dispose();
    product.removeFromParent();
    dispose(world);
  }

  function draw(milliseconds) {
    if (!world || !box.clientWidth || (still && !stale && !renderer.xr.isPresenting)) return;
    stale = false;
    const seconds = milliseconds / 1000;
    if (!still) world.traverse((part) => part.userData.tick?.(seconds));
    if (!renderer.xr.isPresenting) view.place(still ? 0 : seconds);
    renderer.render(world, camera);
    labels.follow(camera);
  }

  const watching = new ResizeObserver(fit);
  watching.observe(box);
  renderer.setAnimationLoop(draw);
  return {
    show,
    canStep: await canStepInside(),
    step: () => stepInside(renderer, framed),
    close() {
      watching.disconnect();
      renderer.setAnimationLoop(null);
      clear();
      renderer.dispose();
      renderer.domElement.remove();
      words.remove();
    },
  };
}
