// The list of answers: rows by id, one of them chosen, one perhaps being edited.

import { h, t } from "/static/base.js";
import { extras } from "/static/reply.js";

const OVER = ["told", "vetoed"];
const TELLABLE = ["held", "counting", "waiting", "left"];

// What an answer rests on, as one chip: "price P1001-M ¥399".
function fact({ subject, aspect, value }) {
  const [kind, which] = aspect.split(/:(.*)/);
  return h("span", { class: "pill" }, [t(`host.fact.${kind}`), which || subject, value || "–"].filter(Boolean).join(" "));
}

export class AnswerList {
  // `act(kind, fields)` sends what the host decides.
  constructor(list, act) {
    this.list = list;
    this.act = act;
    this.answers = [];
    this.rows = new Map();
    this.chosen = null;
    this.editing = null;
    this.ahead = 0; // how far the server's clock is ahead of ours, in milliseconds
    setInterval(() => this.tick(), 500);
  }

  show(answers) {
    this.answers = answers;
    const open = this.open();
    if (!open.some((one) => one.id === this.chosen)) this.chosen = open[0]?.id ?? null;
    if (!open.some((one) => one.id === this.editing)) this.editing = null;
    const rows = answers.map((one) => this.row(one));
    for (const id of [...this.rows.keys()]) if (!answers.some((one) => one.id === id)) this.rows.delete(id);
    if (rows.some((row, at) => this.list.children[at] !== row) || this.list.children.length !== rows.length) {
      const box = this.list.querySelector("textarea");
      const typing = box && document.activeElement === box;
      this.list.replaceChildren(...rows);
      if (typing) this.list.querySelector("textarea")?.focus();
    }
    this.mark();
    this.tick();
  }

  redraw() {
    this.rows.clear();
    this.show(this.answers);
  }

  open() {
    return this.answers.filter((one) => !OVER.includes(one.state));
  }

  // The row of an answer: the same node while nothing of it has changed, so that what is typed stays.
  row(one) {
    const editing = this.editing === one.id;
    const looks = editing ? "editing" : JSON.stringify(one);
    const known = this.rows.get(one.id);
    if (known?.looks === looks) return known.node;
    const node = this.draw(one, editing);
    this.rows.set(one.id, { looks, node });
    return node;
  }

  draw(one, editing) {
    const over = OVER.includes(one.state);
    return h(
      "li",
      { class: over ? "row over" : "row", id: `a-${one.id}`, onclick: () => !over && this.choose(one.id) },
      h(
        "p",
        { class: "row-head" },
        h("b", {}, t("host.asked", { n: one.asked })),
        over ? "" : h("span", { "data-at": one.at }),
        h("span", { class: `pill ${one.state}`, "data-until": one.until }, t(`host.state.${one.state}`, { n: "" })),
        one.edited ? h("span", { class: "pill" }, t("host.edited")) : "",
        one.corrects.length ? h("span", { class: "pill" }, t("host.corrects")) : "",
        one.void ? h("span", { class: "pill vetoed" }, t("host.void")) : "",
      ),
      h("p", { class: "question" }, one.question || t("host.forgotten")),
      editing ? this.editor(one) : h("p", { class: "draft" }, one.text),
      h("p", { class: "facts" }, ...one.facts.map(fact)),
      ...(editing ? [] : extras({ citations: one.citations, cards: one.cards }, () => {})),
      over || editing ? "" : this.acts(one),
    );
  }

  acts(one) {
    const tells = TELLABLE.includes(one.state) && !one.chosen;
    return h(
      "div",
      { class: "acts" },
      tells ? button("host.approve", "button small", () => this.approve(one.id)) : "",
      tells ? button("host.edit", "button quiet small", () => this.edit(one.id)) : "",
      button(one.state === "suggested" ? "host.said" : "host.veto", "button quiet small", () => this.veto(one.id)),
    );
  }

  editor(one) {
    const box = h("textarea", { maxlength: "500", "aria-label": t("host.edit.label") });
    box.value = one.text;
    const save = () => {
      this.editing = null;
      this.act("approve", { answer: one.id, text: box.value.trim() });
      this.show(this.answers);
    };
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.edit(null);
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
    });
    return h(
      "div",
      {},
      box,
      h("p", { class: "hint" }, t("host.edit.hint")),
      h(
        "div",
        { class: "acts" },
        button("host.save", "button small", save),
        button("host.cancel", "button quiet small", () => this.edit(null)),
      ),
    );
  }

  approve(id) {
    this.act("approve", { answer: id });
  }

  veto(id) {
    this.act("veto", { answer: id });
  }

  edit(id) {
    this.editing = id;
    this.show(this.answers);
    this.list.querySelector("textarea")?.focus();
  }

  choose(id) {
    this.chosen = id;
    this.mark();
  }

  // j and k move, a, e and v decide. Whatever else is pressed is not for us.
  key(name) {
    const open = this.open();
    const at = open.findIndex((one) => one.id === this.chosen);
    if (at < 0) return;
    const one = open[at];
    const tells = TELLABLE.includes(one.state) && !one.chosen;
    if (name === "j" || name === "k") {
      this.choose(open[Math.max(0, Math.min(open.length - 1, at + (name === "j" ? 1 : -1)))].id);
      document.getElementById(`a-${this.chosen}`)?.scrollIntoView({ block: "nearest" });
    } else if (name === "a" && tells) this.approve(one.id);
    else if (name === "e" && tells) this.edit(one.id);
    else if (name === "v") this.veto(one.id);
  }

  mark() {
    for (const row of this.list.children) {
      const chosen = row.id === `a-${this.chosen}`;
      row.classList.toggle("chosen", chosen);
      if (chosen) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  tick() {
    const now = Date.now() + this.ahead;
    for (const node of this.list.querySelectorAll("[data-at]")) {
      node.textContent = t("host.waits", { n: Math.max(0, Math.round((now - Date.parse(node.dataset.at)) / 1000)) });
    }
    for (const node of this.list.querySelectorAll("[data-until]")) {
      node.textContent = t("host.state.counting", { n: Math.max(0, Math.ceil((Date.parse(node.dataset.until) - now) / 1000)) });
    }
  }
}

const button = (key, kind, onclick) => h("button", { class: kind, type: "button", onclick }, t(key));
