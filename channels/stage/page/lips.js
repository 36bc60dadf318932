// What the mouth does when: shapes from timed visemes, and timed visemes from a text that is only shown. Pure.

// Of each of the fifteen shapes: how far the jaw is open and how wide the lips are (0 to 1, at rest 0.5), and what is
// seen of the teeth and the tongue.
const SHAPES = {
  sil: { open: 0, wide: 0.5, teeth: 0, tongue: 0 },
  PP: { open: 0, wide: 0.44, teeth: 0, tongue: 0 },
  FF: { open: 0.08, wide: 0.52, teeth: 1, tongue: 0 },
  TH: { open: 0.2, wide: 0.54, teeth: 0.7, tongue: 0.9 },
  DD: { open: 0.22, wide: 0.56, teeth: 0.7, tongue: 0.6 },
  kk: { open: 0.28, wide: 0.52, teeth: 0.4, tongue: 0.2 },
  CH: { open: 0.2, wide: 0.28, teeth: 0.9, tongue: 0 },
  SS: { open: 0.12, wide: 0.72, teeth: 1, tongue: 0 },
  nn: { open: 0.2, wide: 0.54, teeth: 0.5, tongue: 0.5 },
  RR: { open: 0.24, wide: 0.3, teeth: 0.3, tongue: 0.3 },
  aa: { open: 0.86, wide: 0.6, teeth: 0.5, tongue: 0.3 },
  E: { open: 0.56, wide: 0.76, teeth: 0.6, tongue: 0.3 },
  I: { open: 0.3, wide: 0.92, teeth: 0.8, tongue: 0.2 },
  O: { open: 0.66, wide: 0.2, teeth: 0.1, tongue: 0.1 },
  U: { open: 0.34, wide: 0.04, teeth: 0, tongue: 0 },
};
export const REST = SHAPES.sil;
// These close the lips, however short they are.
const CLOSING = new Set(["PP", "FF"]);

// A shape begins to form so long before its sound and is reached so long after its beginning, in seconds. People notice
// lips that lead by 45 ms (ITU-R BT.1359); ours lead by less.
export const LEAD_S = 0.03;
const LAG_S = 0.045;

// How far a change at time 0 has been made at time `t`, from 0 to 1.
function made(t) {
  const x = Math.min(1, Math.max(0, (t + LEAD_S) / (LEAD_S + LAG_S)));
  return x * x * (3 - 2 * x);
}

// The mouth at `t` seconds of a clip with `visemes` [[start, end, shape], …]; between them it is at rest. Each shape's share
// is what of its beginning is made, less what of its end is, so that the shares of a row without gaps come to one.
export function mouthAt(visemes, t) {
  const mouth = { open: 0, wide: 0, teeth: 0, tongue: 0 };
  let rest = 1;
  let closed = 0;
  for (const [start, end, name] of visemes) {
    if (start - LEAD_S > t) break;
    if (end + LAG_S < t) continue;
    const share = made(t - start) - made(t - end);
    add(mouth, SHAPES[name] ?? REST, share);
    rest -= share;
    if (CLOSING.has(name)) closed += share;
  }
  add(mouth, REST, rest);
  mouth.open *= 1 - Math.min(1, 1.6 * closed);
  return mouth;
}

function add(mouth, shape, share) {
  for (const part in mouth) mouth[part] += shape[part] * share;
}

// ---- a text that nobody speaks

const BEAT = /[㐀-䶿一-鿿]|[A-Za-z']+|\d|[,，、;；:：]|[.。!！?？…—]/g;
const SPOKEN = /[㐀-䶿一-鿿A-Za-z\d]/;
const OPENED = ["aa", "E", "I", "O", "U", "aa", "E"];
const BEGUN = ["DD", "kk", "PP", "SS", "nn", "CH", "RR"];

// How many syllables a token has, or for a sign how many it lasts.
function beats(token) {
  if (/[A-Za-z]/.test(token)) return Math.max(1, token.match(/[aeiouy]+/gi)?.length ?? 1);
  if (SPOKEN.test(token)) return 1;
  return /[.。!！?？…—]/.test(token) ? 1.6 : 0.8;
}

// Visemes for a text as if it were spoken in `seconds`: a syllable for each Chinese character, vowel group and digit, with
// the mouth at rest at signs.
export function syllables(text, seconds) {
  const tokens = text.match(BEAT) ?? [];
  const unit = seconds / tokens.reduce((sum, token) => sum + beats(token), 0);
  const visemes = [];
  let at = 0;
  for (const token of tokens) {
    for (let n = 0; SPOKEN.test(token) && n < beats(token); n++) visemes.push(...syllable(token.codePointAt(0) + n, at + n * unit, unit));
    at += beats(token) * unit;
  }
  return visemes;
}

function syllable(code, at, unit) {
  const [begun, opened] = [BEGUN[code % BEGUN.length], OPENED[(code >> 3) % OPENED.length]];
  return [[at, at + 0.3 * unit, begun], [at + 0.3 * unit, at + 0.86 * unit, opened], [at + 0.86 * unit, at + unit, "nn"]];
}
