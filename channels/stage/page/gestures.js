// Where the hands are in a gesture. Pure. Coordinates are those of the figure (avatar.js): x 0 in the middle, y down.
//
// A hand has a place, the angle that its fingers point to (0 up, clockwise) and five fingers from the thumb on, 0 folded and 1
// stretched, with their spread. Where the elbow is follows from the place.

// Where the arm on the right begins; the other one is its mirror image. The lengths of the bones.
export const SHOULDER = { x: 152, y: 574 };
const UPPER = 205;
const LOWER = 195;

const FIST = [0.2, 0, 0, 0, 0];
const OPEN = [1, 1, 1, 1, 1];
const LOOSE = [0.5, 0.8, 0.75, 0.7, 0.65];
const COUNTS = [FIST, [0.1, 1, 0, 0, 0], [0.1, 1, 1, 0, 0], [0.1, 1, 1, 1, 0]];

const hand = (x, y, angle, fingers = LOOSE, spread = 0.3) => ({ x, y, angle, fingers, spread });
export const mirrored = (one) => ({ ...one, x: -one.x, angle: -one.angle });

const REST = hand(-30, 812, 1.9, LOOSE, 0.1);
const wave = (t, hertz) => Math.sin(t * hertz * 2 * Math.PI);

// Both hands at rest, one over the other before the body.
const rest = () => ({ left: REST, right: { ...mirrored(REST), y: REST.y + 12 } });

const GESTURES = {
  greet: { seconds: 2.6, at: (t) => ({ ...rest(), left: hand(-258 + 10 * wave(t, 1.7), 498, -0.12 + 0.32 * wave(t, 1.7), OPEN, 1) }) },
  point: { seconds: 3.4, at: (t, place) => ({ ...rest(), right: towards(place, 8 * wave(t, 0.8)) }) },
  offer: {
    seconds: 3,
    at: (t) => {
      const left = hand(-244, 650 - 9 * wave(t, 0.9), -0.95, OPEN, 0.5);
      return { left, right: { ...mirrored(left), y: 650 - 9 * wave(t + 0.12, 0.9) } };
    },
  },
  count: { seconds: 3, at: (t) => ({ ...rest(), left: hand(-252, 520 - 14 * tap(t), 0.02, COUNTS[Math.max(1, 3 - Math.floor(t))], 0.9) }) },
  bow: {
    seconds: 2,
    at: () => {
      const left = hand(-13, 706, 0.14, [0, 1, 1, 1, 1], 0.05);
      return { left, right: mirrored(left) };
    },
  },
  talk: { seconds: 2.8, at: (t) => ({ ...rest(), left: beating(t) }) },
  stress: { seconds: 2.4, at: (t) => ({ ...rest(), right: mirrored(beating(t + 0.3)) }) },
};

// One hand beside the body, which beats the time of the words.
function beating(t) {
  return hand(-240 + 12 * wave(t, 0.45), 612 - 16 * wave(t, 0.9), -0.5 - 0.18 * wave(t, 0.45), [1, 0.95, 0.9, 0.8, 0.7], 0.5);
}

// A short lift at the beginning of each second.
function tap(t) {
  return Math.max(0, 1 - (t % 1) * 4);
}

// The open hand shows where the product's card is, as far as the arm reaches.
function towards(place, beat) {
  if (place.y > 760 && place.x < 260) return hand(222, Math.min(722, place.top - 130) + beat, 2.8, OPEN, 0.25); // it lies below
  const angle = Math.atan2(place.y - SHOULDER.y, Math.max(120, place.x - SHOULDER.x));
  const turned = Math.min(0.75, Math.max(-0.55, angle));
  const reach = 196 + beat;
  return hand(SHOULDER.x + reach * Math.cos(turned) * 0.62, SHOULDER.y + 20 + reach * Math.sin(turned) * 0.75, Math.PI / 2 + turned - 0.25, OPEN, 0.25);
}

// The hands `t` seconds into a gesture, which points to `place`; at rest before and after it.
export function handsAt(name, t, place) {
  const gesture = GESTURES[name];
  return gesture && t >= 0 && t < gesture.seconds ? gesture.at(t, place) : rest();
}

export const secondsOf = (name) => GESTURES[name]?.seconds ?? 0;

// Where the elbow of an arm should be: `side` is 1 for the one on the right. With the hand before the body it is outside, with
// the hand beside it it hangs; in between the arm points to the viewer and looks shorter than it is.
export function elbowOf(side, { x, y }) {
  const [dx, dy] = [x - side * SHOULDER.x, y - SHOULDER.y];
  const far = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / far, dy / far];
  const held = Math.min(far, UPPER + LOWER - 4);
  const along = (UPPER ** 2 - LOWER ** 2 + held ** 2) / (2 * held);
  const outside = Math.max(-1, Math.min(1, 3 * (0.5 - side * ux)));
  const off = -side * outside * Math.sqrt(Math.max(0, UPPER ** 2 - along ** 2));
  return { x: side * SHOULDER.x + ux * along - uy * off, y: SHOULDER.y + uy * along + ux * off };
}
