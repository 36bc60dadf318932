// The chat on a merchant's own page: a round button, and a panel with the chat in a frame. One file, and nothing else of ours
// runs in that page: what it needs of the settings is written into HINTS where it is served (channels/web/widget.py).

(() => {
  if (window.Streamdesk) return; // a second tag of the same page
  const script = document.currentScript;
  const HOME = new URL(script.src).origin;
  const HINTS = [];
  const READY_MS = 10000;
  const TEXTS = {
    zh: { open: "打开客服对话", close: "关闭客服对话", chat: "客服对话", unread: "{n} 条新消息", hint: "关闭提示", failed: "对话在这个网站上打不开。" },
    en: { open: "Open the chat", close: "Close the chat", chat: "Chat", unread: "New messages: {n}", hint: "Dismiss", failed: "The chat cannot be opened on this site." },
  };
  const STYLE = `
    :host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; inset: auto 20px 20px auto !important; inset-block: auto max(20px, env(safe-area-inset-bottom)) !important; inset-inline: auto 20px !important; font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif !important; }
    :host([data-side="start"]) { inset-inline: 20px auto !important; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button { all: unset; box-sizing: border-box; cursor: pointer; }
    button:focus-visible, iframe:focus-visible { outline: 3px solid #fff; outline-offset: -5px; box-shadow: 0 0 0 3px #14121a; }
    svg { display: block; width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
    .opener { position: relative; display: grid; place-items: center; width: 60px; height: 60px; border-radius: 50%; background: var(--color); color: var(--on-color); box-shadow: 0 6px 20px #0004; transition: transform .15s; }
    .opener:hover { transform: scale(1.05); }
    .count { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-width: 24px; padding: 0 7px; border: 2px solid #fff; border-radius: 99px; background: #14121a; color: #fff; font-size: 12px; font-weight: 700; line-height: 20px; text-align: center; }
    .hint { position: absolute; inset-block-end: 72px; inset-inline-end: 0; display: flex; align-items: start; width: max-content; max-width: min(280px, calc(100vw - 40px)); border-radius: 16px; background: #fff; color: #14121a; box-shadow: 0 6px 24px #0003; }
    :host([data-side="start"]) .hint, :host([data-side="start"]) .panel { inset-inline: 0 auto; }
    .hint .words { padding: 12px 0; padding-inline-start: 16px; text-align: start; overflow-wrap: anywhere; }
    .hint button:focus-visible { outline-color: #14121a; border-radius: 12px; }
    .hint .away, .leave { display: grid; place-items: center; width: 44px; height: 44px; flex: none; }
    .hint .away svg, .leave svg { width: 20px; height: 20px; }
    .panel { position: absolute; inset-block-end: 0; inset-inline-end: 0; width: 400px; height: min(680px, calc(100dvh - 40px)); overflow: hidden; border-radius: 20px; background: Canvas; color: CanvasText; box-shadow: 0 12px 48px #0005; animation: rise .2s; }
    .panel.light { color-scheme: light; } .panel.dark { color-scheme: dark; }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    .leave { position: absolute; inset-block-start: calc(7px + env(safe-area-inset-top)); right: 8px; border-radius: 50%; }
    .leave:hover { background: #8883; }
    .failed { position: absolute; inset: 0; display: grid; place-items: center; margin: 0; padding: 40px; background: Canvas; text-align: center; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @keyframes rise { from { transform: translateY(16px); opacity: 0; } }
    @media (max-width: 520px) { .panel { position: fixed; inset: 0 !important; width: auto; height: 100dvh; border-radius: 0; } }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }`;
  const BUBBLE = "M4 5h16v11H10l-5 4v-4H4z";
  const CROSS = "M6 6l12 12M18 6L6 18";

  const given = script.dataset;
  const language = /^zh/i.test(given.lang || document.documentElement.lang || navigator.language) ? "zh" : "en";
  const color = /^#[0-9a-f]{6}$/i.test(given.color ?? "") ? given.color : "#d23a36";
  const theme = /^(light|dark)$/.test(given.theme ?? "") ? given.theme : "";
  const t = (key, n) => TEXTS[language][key].replace("{n}", n);
  let token = given.token || undefined; // undefined: nothing was said of it; null: nobody is logged in
  let product = given.product || null;
  let unread = 0;
  let ready = false;
  let isOpen = false;
  let frame, title;

  // ---- what this visitor's browser remembers of us, in the merchant's own storage; without storage nothing is remembered

  function recall(storage, key) {
    try {
      return window[storage].getItem(`streamdesk.${key}`);
    } catch {
      return null;
    }
  }
  function keep(storage, key, on = true) {
    try {
      if (on) window[storage].setItem(`streamdesk.${key}`, "1");
      else window[storage].removeItem(`streamdesk.${key}`);
    } catch {
      // see above
    }
  }

  // ---- the parts

  function part(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }
  function drawing(path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }
  // Dark or white, whichever reads better on the colour: relative luminance of WCAG 2.2, and the crossing point of its ratios.
  function inkOn(hex) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) > 0.179 ? "#14121a" : "#ffffff";
  }

  const host = part("div", { lang: language === "zh" ? "zh-CN" : "en", "data-side": given.side === "start" ? "start" : "end" });
  const root = host.attachShadow({ mode: "open" });
  const count = part("span", { class: "count", "aria-hidden": "true", hidden: "" });
  const opener = part("button", { class: "opener", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": t("open"), onclick: open }, drawing(BUBBLE), count);
  const leave = part("button", { class: "leave", type: "button", "aria-label": t("close"), onclick: close }, drawing(CROSS));
  // The focus stays in the panel while it is open: whoever tabs out of one end comes in at the other.
  const edge = (to) => part("span", { tabindex: "0", class: "unseen", onfocus: () => to().focus() });
  const panel = part("div", { class: `panel ${theme}`, role: "dialog", "aria-modal": "true", "aria-label": t("chat"), hidden: "" }, edge(() => frame), leave, edge(() => leave));
  const hint = part("div", { class: "hint", role: "status" });
  const said = part("p", { class: "unseen", role: "status" });
  const sheet = new CSSStyleSheet(); // a sheet of our own needs no 'unsafe-inline' in the merchant's policy
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  root.append(hint, opener, panel, said);
  host.style.setProperty("--color", color);
  host.style.setProperty("--on-color", inkOn(color));
  hint.hidden = true;
  panel.addEventListener("keydown", (event) => event.key === "Escape" && close());

  // ---- the frame, and what is said between it and this page

  function load() {
    if (frame) return;
    const query = new URLSearchParams({ embed: location.origin, lang: language, color, ink: inkOn(color), theme });
    if (product) query.set("product", product);
    frame = part("iframe", { title: t("chat"), src: `${HOME}/chat?${query}` });
    leave.after(frame);
    keep("sessionStorage", "used");
  }
  function tell(type, fields) {
    if (ready) frame.contentWindow.postMessage({ streamdesk: type, ...fields }, HOME);
  }
  // Whoever was known to the chat and has logged out is forgotten there at once, also where the chat is not open.
  function introduce() {
    if (token === null && recall("localStorage", "known")) load();
    if (!ready || token === undefined) return;
    tell("identify", { token });
    keep("localStorage", "known", token !== null);
  }
  function enter() {
    frame.focus();
    tell("opened");
  }
  addEventListener("message", (event) => {
    if (!frame || event.origin !== HOME || event.source !== frame.contentWindow) return;
    switch (event.data?.streamdesk) {
      case "ready":
        ready = true;
        panel.querySelector(".failed")?.remove();
        introduce();
        if (product) tell("product", { id: product });
        if (isOpen) enter();
        return;
      case "reply":
        return isOpen ? undefined : counted(unread + 1);
      case "close":
        return close();
    }
  });

  function counted(n) {
    if (n && !unread) title = document.title;
    if (!n && unread) document.title = title;
    unread = n;
    count.hidden = n === 0;
    count.textContent = n > 99 ? "99+" : n;
    opener.setAttribute("aria-label", n ? `${t("open")} (${t("unread", n)})` : t("open"));
    said.textContent = n ? t("unread", n) : "";
    if (n) document.title = `(${n}) ${title}`;
  }

  // ---- opening and closing

  function open() {
    if (isOpen) return;
    isOpen = true;
    load();
    hush();
    counted(0);
    panel.hidden = false;
    opener.hidden = true;
    opener.setAttribute("aria-expanded", "true");
    leave.focus();
    if (ready) enter();
    setTimeout(() => {
      if (!ready && !panel.querySelector(".failed")) leave.before(part("p", { class: "failed", role: "alert" }, t("failed")));
    }, READY_MS);
  }
  function close() {
    if (!isOpen) return;
    isOpen = false;
    panel.hidden = true;
    opener.hidden = false;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  }

  // ---- hints: once a visitor, and never to one who has had the chat open or sent a hint away

  function hush() {
    hint.hidden = true;
    hint.replaceChildren();
    keep("localStorage", "hinted");
  }
  function matches(glob) {
    const pattern = glob.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".*")}$`).test(location.pathname);
  }
  function suggest({ path, zh, en }) {
    if (isOpen || recall("localStorage", "hinted") || !matches(path)) return;
    keep("localStorage", "hinted");
    hint.hidden = false;
    const words = part("button", { class: "words", type: "button", onclick: open }, language === "zh" ? zh : en);
    const away = () => (hush(), opener.focus());
    hint.append(words, part("button", { class: "away", type: "button", "aria-label": t("hint"), onclick: away }, drawing(CROSS)));
  }

  // The merchant's own page is not kept loading by what is in our frame.
  function afterThePage(go) {
    if (document.readyState === "complete") go();
    else addEventListener("load", go, { once: true });
  }

  function start() {
    document.body.append(host);
    if (recall("sessionStorage", "used")) afterThePage(load); // goes on counting on the next page of the visit
    for (const rule of HINTS) setTimeout(() => suggest(rule), rule.after_s * 1000);
  }
  window.Streamdesk = Object.freeze({
    open,
    close,
    identify(signed) {
      token = typeof signed === "string" && signed ? signed : null;
      introduce();
    },
    product(id) {
      product = typeof id === "string" && id ? id : null;
      tell("product", { id: product });
    },
  });
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
