// Stepping into the scene with a headset (WebXR Device API, W3C): floor and sizes are the room's own.

export async function canStepInside() {
  try {
    return Boolean(await navigator.xr?.isSessionSupported("immersive-vr"));
  } catch {
    return false; // a browser may have WebXR and be told not to say so
  }
}

// Begins before the product: as far from its middle as one stands before a table, or before a tent.
export async function stepInside(renderer, { centre, radius }) {
  const session = await navigator.xr.requestSession("immersive-vr", { optionalFeatures: ["local-floor"] });
  renderer.xr.setReferenceSpaceType("local-floor");
  await renderer.xr.setSession(session);
  const space = renderer.xr.getReferenceSpace();
  const away = { x: -centre.x, y: 0, z: -(centre.z + Math.max(0.7, radius * 2.2)) };
  renderer.xr.setReferenceSpace(space.getOffsetReferenceSpace(new XRRigidTransform(away)));
}
