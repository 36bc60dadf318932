// What every page shares: language, theme, small helpers for the DOM and for what the visitor's browser remembers.

import { TEXTS } from "/static/texts.js";

const root = document.documentElement;
const listeners = new Set();

// Browsers that deny a frame of another site its storage still give it cookies of its own there (CHIPS: `Partitioned`): these
// keep who it is, not what was said. Without them as well the page works, and forgets.
const IN_COOKIES = ["person", "customer", "language"];
const COOKIE_S = 400 * 24 * 3600;

export function recall(key) {
  try {
    return localStorage.getItem(`streamdesk.${key}`);
  } catch {
    const found = document.cookie.split("; ").find((one) => one.startsWith(`streamdesk.${key}=`));
    return found ? decodeURIComponent(found.slice(found.indexOf("=") + 1)) : null;
  }
}

function keepCookie(key, value) {
  if (!IN_COOKIES.includes(key)) return;
  const text = encodeURIComponent(value ?? "");
  const age = value === null ? 0 : COOKIE_S;
  document.cookie = `streamdesk.${key}=${text}; Path=/; Max-Age=${age}; Secure; SameSite=None; Partitioned`;
}

export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(`streamdesk.${key}`);
    else localStorage.setItem(`streamdesk.${key}`, value);
  } catch {
    keepCookie(key, value);
  }
}

export let language = recall("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

export function t(key, values = {}) {
  const text = TEXTS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function inLanguage(both) {
  return both?.[language] || both?.zh || both?.en || "";
}

export function onLanguage(listener) {
  listeners.add(listener);
}

export function translate(scope = document) {
  for (const node of scope.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of scope.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", t(node.dataset.tLabel));
    node.title = t(node.dataset.tLabel);
  }
  for (const node of scope.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

// The page goes on in this language, `zh` or `en`.
export function setLanguage(to) {
  language = to;
  applyLanguage();
}

function applyLanguage() {
  root.lang = language === "zh" ? "zh-CN" : "en";
  const title = document.querySelector("title[data-t]");
  translate();
  if (title) document.title = t(title.dataset.t);
  for (const listener of listeners) listener(language);
}

function toggleTheme() {
  const dark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  root.dataset.theme = dark ? "light" : "dark";
  keep("theme", root.dataset.theme);
}

export function start() {
  for (const button of document.querySelectorAll("[data-do=language]")) {
    button.addEventListener("click", () => {
      setLanguage(language === "zh" ? "en" : "zh");
      keep("language", language);
    });
  }
  for (const button of document.querySelectorAll("[data-do=theme]")) button.addEventListener("click", toggleTheme);
  for (const button of document.querySelectorAll("[data-do=close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
  applyLanguage();
}

// h("p", {class: "x", onclick: f}, "text", node) builds an element; texts are texts, never markup.
export function h(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let fading;
export function toast(text) {
  document.querySelector(".toast")?.remove();
  clearTimeout(fading);
  const note = h("div", { class: "toast", role: "alert" }, text);
  document.body.append(note);
  fading = setTimeout(() => note.remove(), 6000);
}

// A text with the web addresses in it as links; those of the private chat and of checkouts by their names.
export function linked(text) {
  return text.split(/(https?:\/\/[^\s，。）)]+)/).map((part) => {
    const url = URL.canParse(part) && safeUrl(part);
    if (!url) return part;
    return h("a", { class: "inline", href: url, target: "_blank", rel: "noopener" }, named(new URL(url)) ?? url);
  });
}

function named(url) {
  if (url.pathname === "/chat") return t("room.private");
  return url.origin === location.origin && url.pathname.startsWith("/checkout/") ? t("chat.pay") : null;
}

// Only pages of this service and the web's own addresses are opened; anything else in an answer is not a link.
export function safeUrl(url) {
  return /^(https?:\/\/|\/(?!\/))/.test(url ?? "") ? url : null;
}
