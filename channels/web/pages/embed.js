// The chat page inside a merchant's page (widget.js). Which sites may frame it is for the browser to keep, by `frame-ancestors`;
// we listen to the one that frames us, and speak to nobody else.

const query = new URLSearchParams(location.search);
const origin = query.get("embed");
const isOurs = (event) => event.source === parent && event.origin === origin;

export const embedded = parent !== window && URL.canParse(origin ?? "");
export const language = /^(zh|en)$/.test(query.get("lang") ?? "") ? query.get("lang") : null;

// The merchant's colour for words: as light or dark as it must be to be read on our own ground, in either theme.
const legible = (color) => `light-dark(oklch(from ${color} min(l, 0.5) c h), oklch(from ${color} max(l, 0.75) c h))`;

// The look: no way out to other pages of ours, and the merchant's colours.
export function dress(root) {
  root.dataset.embedded = "";
  if (/^(light|dark)$/.test(query.get("theme") ?? "")) root.dataset.theme = query.get("theme");
  for (const [name, given] of [["--accent", "color"], ["--accent-strong", "color"], ["--on-accent", "ink"]]) {
    const value = query.get(given);
    if (/^#[0-9a-f]{6}$/i.test(value ?? "")) root.style.setProperty(name, value);
  }
  if (root.style.getPropertyValue("--accent")) root.style.setProperty("--accent-ink", legible(query.get("color")));
}

// Tell the page around us: "ready", "reply" (one has come; not its words), "close".
export function tell(type) {
  if (embedded) parent.postMessage({ streamdesk: type }, origin);
}

// `on` has a function for each thing that the page around us may say: identify({token}), product({id}), opened().
export function listen(on) {
  addEventListener("message", (event) => {
    if (isOurs(event) && Object.hasOwn(on, event.data?.streamdesk)) on[event.data.streamdesk](event.data);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) tell("close");
  });
  tell("ready");
}
