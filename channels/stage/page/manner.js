// How the host behaves while a sentence is said, by its topic (channels/stage/narration.yml).

const CALM = { mood: "warm", gesture: "talk", look: "camera" };

const MANNERS = {
  opening: { mood: "bright", gesture: "greet", look: "camera" },
  more: { mood: "warm", gesture: "point", look: "product" },
  bridge: { mood: "warm", gesture: "talk", look: "camera" },
  closing: { mood: "bright", gesture: "point", look: "product" },
  about: { mood: "warm", gesture: "offer", look: "product" },
  property: { mood: "warm", gesture: "point", look: "product" },
  colors: { mood: "warm", gesture: "point", look: "product" },
  sizes: { mood: "warm", gesture: "offer", look: "camera" },
  size_help: { mood: "warm", gesture: "offer", look: "comments" },
  price: { mood: "bright", gesture: "point", look: "product" },
  former: { mood: "bright", gesture: "offer", look: "camera" },
  to_pay: { mood: "bright", gesture: "point", look: "product" },
  offer: { mood: "bright", gesture: "offer", look: "camera" },
  offer_end: { mood: "keen", gesture: "count", look: "camera" },
  few: { mood: "keen", gesture: "count", look: "camera" },
  price_fell: { mood: "keen", gesture: "offer", look: "camera" },
  sold_out: { mood: "sorry", gesture: "talk", look: "camera" },
  final_sale: { mood: "earnest", gesture: "talk", look: "camera" },
  correction: { mood: "earnest", gesture: "talk", look: "camera" },
  thanks: { mood: "bright", gesture: "bow", look: "comments" },
};

export const mannerOf = (topic) => MANNERS[topic] ?? CALM;

// Moods: how far the mouth smiles, the brows are raised and drawn together, and the lids are open.
export const MOODS = {
  rest: { smile: 0.5, brow: 0, frown: 0, lid: 0.94 },
  warm: { smile: 0.6, brow: 0.1, frown: 0, lid: 0.95 },
  bright: { smile: 1, brow: 0.45, frown: 0, lid: 1 },
  keen: { smile: 0.75, brow: 0.8, frown: 0, lid: 1.06 },
  earnest: { smile: 0.15, brow: 0.1, frown: 0.5, lid: 0.95 },
  sorry: { smile: -0.15, brow: 0.5, frown: -0.7, lid: 0.86 },
};
