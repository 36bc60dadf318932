// The virtual host of the room, where it has one: what it says, and what the host of the room has it do.

import { h, t } from "/static/base.js";

const KEYS = { n: "skip", s: "stop", m: "microphone" };

export class StagePanel {
  // `act(kind, fields)` sends what the host decides.
  constructor(box, act) {
    this.box = box;
    this.act = act;
    this.view = null;
    this.looks = "";
    this.sent = "";
    const say = () => this.say();
    this.words = h("input", { type: "text", maxlength: "200", autocomplete: "off", enterkeyhint: "send" });
    this.words.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && say());
    this.send = h("button", { class: "button small", type: "button", onclick: say });
    this.lines = h("div", { class: "stage-lines", "aria-live": "off" });
    this.acts = h("div", { class: "acts" });
    this.notes = h("ul", { class: "refused" });
    box.append(this.lines, this.acts, h("div", { class: "say" }, this.words, this.send), this.notes);
  }

  show(view) {
    const looks = JSON.stringify(view);
    if (looks === this.looks) return;
    this.looks = looks;
    this.view = view;
    this.draw();
  }

  redraw() {
    if (this.view) this.draw();
  }

  draw() {
    const { now, next, halted, by_person: byPerson, dropped, refused } = this.view ?? { next: [], dropped: {}, refused: [] };
    this.words.placeholder = t("host.stage.say");
    this.words.setAttribute("aria-label", t("host.stage.say"));
    this.send.textContent = t("host.stage.say.do");
    const state = halted ? "host.stage.halted" : byPerson ? "host.stage.person" : now ? `host.stage.kind.${now.kind}` : "host.stage.silent";
    const chips = h("p", { class: "row-head" }, h("span", { class: halted ? "pill held" : "pill told" }, t(state)));
    for (const why of Object.keys(dropped)) chips.append(h("span", { class: "pill" }, `${t(`host.stage.why.${why.replace(" ", "_")}`)} ${dropped[why]}`));
    const coming = next.map((line) => h("li", {}, h("small", {}, t(`host.stage.kind.${line.kind}`)), " ", line.text));
    this.lines.replaceChildren(chips, h("p", { class: "draft", id: "stage-now" }, now?.text ?? "–"), h("ol", { class: "coming" }, ...coming));
    const focused = document.activeElement?.dataset?.act;
    this.acts.replaceChildren(
      this.button("skip", "quiet", !now),
      this.button(halted ? "go" : "stop", halted ? "" : "quiet"),
      this.button(byPerson ? "give" : "take", byPerson ? "" : "quiet"),
    );
    if (focused) this.acts.querySelector(`[data-act="${focused}"]`)?.focus();
    this.notes.replaceChildren(
      ...refused.slice(0, 5).map((one) => h("li", {}, h("b", {}, one.words), ` ${t(`host.stage.bad.${one.why}`)} · ${one.text}`)),
    );
  }

  button(act, looks, disabled = false) {
    const attributes = { class: `button small ${looks}`, type: "button", disabled, "data-act": act, onclick: () => this.act("stage", { act }) };
    return h("button", attributes, t(`host.stage.${act}`));
  }

  say() {
    const text = this.words.value.trim();
    if (!text) return;
    this.act("say", { text });
    this.sent = text;
    this.words.value = "";
  }

  // What was not taken is there again to be put in other words.
  refused() {
    if (!this.words.value) this.words.value = this.sent;
    this.sent = "";
  }

  // Returns whether the key is one of these.
  key(name) {
    if (!this.view || (name !== "w" && !(name in KEYS))) return false;
    if (name === "w") this.words.focus();
    else if (KEYS[name] === "stop") this.act("stage", { act: this.view.halted ? "go" : "stop" });
    else if (KEYS[name] === "microphone") this.act("stage", { act: this.view.by_person ? "give" : "take" });
    else this.act("stage", { act: "skip" });
    return true;
  }
}
