// One conversation: what was said and done, the acts on it, and the box for words to the customer or among colleagues.

import { h, newId, t } from "/static/base.js";
import { act, ask } from "/desk/static/api.js";
import { BotDraft } from "/desk/static/draft.js";
import { channelName, clock, customerName, day, dueName, stars, stateName } from "/desk/static/words.js";

const SNOOZES = [30, 120, 1440];
const PRIORITIES = ["urgent", "high", "normal", "low"];
const NEAR_END = 80;
const byId = (id) => document.getElementById(id);

export class Conversation {
  // `me` is what /me said; `failed` is called with every refusal, `changed` after every act.
  constructor({ me, failed, changed }) {
    Object.assign(this, { me, failed, changed });
    this.ticket = null;
    this.entries = [];
    this.drafts = new Map(); // by ticket and mode: what was meant for colleagues never stands in the customer's box
    this.mode = "reply";
    this.unsent = new Map(); // ticket and words to the act's id: a retry after a cut counts once
    byId("say").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    byId("text").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    byId("text").addEventListener("input", () => this.grow());
    this.draft = new BotDraft({ wanted: () => this.wanted, use: (text) => this.edit(text), failed });
    for (const mode of document.querySelectorAll("[name=mode]")) mode.addEventListener("change", () => this.choose(mode.value));
    byId("canned").addEventListener("change", () => this.insert());
  }

  get noting() {
    return this.mode === "note";
  }

  get slot() {
    return `${this.ticket.id}/${this.mode}`;
  }

  // To write to the customer, or among colleagues: each has a draft of its own.
  choose(mode) {
    if (mode !== this.mode) this.keepDraft();
    this.mode = mode;
    document.querySelector(`[name=mode][value=${mode}]`).checked = true;
    this.restoreDraft();
    this.drawMode();
  }

  async open(name) {
    this.keepDraft();
    this.ticket = null;
    this.wanted = name;
    this.draft.clear();
    this.choose("reply");
    await this.load();
  }

  close() {
    this.keepDraft();
    this.wanted = null;
    this.ticket = null;
    this.draw();
  }

  keepDraft() {
    if (this.ticket) this.drafts.set(this.slot, byId("text").value);
  }

  restoreDraft() {
    byId("text").value = (this.ticket && this.drafts.get(this.slot)) ?? "";
    this.grow();
  }

  // Read the conversation again; what an agent sees is read.
  async load() {
    const name = this.wanted;
    if (!name) return;
    try {
      const answer = await ask(`/tickets/${name}`);
      if (this.wanted !== name) return;
      const opened = !this.ticket;
      this.ticket = answer.ticket;
      this.entries = answer.timeline;
      if (opened) this.restoreDraft(); // before anything can be typed into what is seen now
      this.draw();
      if (opened) byId("scroll").scrollTop = byId("scroll").scrollHeight;
      if (this.ticket.unread && !document.hidden) await act(name, "read");
    } catch (refusal) {
      this.failed(refusal);
    }
  }

  draw() {
    byId("open").hidden = !this.ticket;
    byId("nothing").hidden = Boolean(this.ticket);
    byId("desk").classList.toggle("reading", Boolean(this.ticket));
    if (!this.ticket) return;
    byId("who").textContent = customerName(this.ticket);
    const { due } = this.ticket;
    byId("about").textContent = [due && dueName(due), this.ticket.stars && stars(this.ticket.stars), stateName(this.ticket, this.me.name), channelName(this.ticket), this.ticket.reason]
      .filter(Boolean)
      .join(" · ");
    byId("acts").replaceChildren(...this.acts());
    this.drawLog();
    this.drawCanned();
    this.drawMode();
  }

  drawLog() {
    const scroll = byId("scroll");
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;
    let shown = "";
    const lines = this.entries.flatMap((entry) => {
      const today = day(entry.at);
      const first = today === shown ? [] : [h("li", { class: "day" }, h("span", {}, today))];
      shown = today;
      return [...first, drawEntry(entry)];
    });
    byId("log").replaceChildren(...lines);
    if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  }

  drawMode() {
    const who = this.ticket ? customerName(this.ticket) : "";
    const hint = this.noting ? t("desk.note.hint") : t("desk.reply.hint", { who });
    byId("text").placeholder = hint;
    byId("text-label").textContent = hint;
    byId("foot").classList.toggle("noting", this.noting);
  }

  drawCanned() {
    const tag = this.ticket.language === "en" ? "en" : "zh";
    const options = this.me.canned.map((reply, number) => h("option", { value: number }, reply.title[tag]));
    byId("canned").replaceChildren(h("option", { value: "" }, t("desk.canned")), ...options);
  }

  // ---- acts

  acts() {
    const { state, assignee } = this.ticket;
    const held = state === "claimed" || state === "snoozed";
    const mine = held && assignee === this.me.name;
    if (held && !mine && this.me.role !== "owner") return [h("span", { class: "mark" }, t("desk.held", { name: assignee }))];
    const parts = [];
    if (!held) parts.push(this.button(state === "resolved" ? "desk.reopen" : "desk.claim", "claim", "button small"));
    if (state !== "resolved") parts.push(this.button("desk.resolve", "resolve", mine ? "button small" : "button quiet small"));
    if (state !== "resolved") parts.push(this.button("desk.giveback", "back"));
    if (held) parts.push(this.button("desk.release", "release"));
    if (mine || state === "waiting") parts.push(this.snoozeMenu());
    if (state !== "resolved") parts.push(this.priorityMenu());
    if (state !== "resolved" && this.me.staff.length > 1) parts.push(this.assignMenu());
    return parts;
  }

  button(label, verb, classes = "button quiet small") {
    return h("button", { class: classes, type: "button", onclick: () => this.do(verb) }, t(label));
  }

  snoozeMenu() {
    const options = SNOOZES.map((minutes) => h("option", { value: minutes }, t(`desk.snooze.${minutes}`)));
    return menu("desk.snooze", options, (minutes) => this.do("snooze", { minutes: Number(minutes) }));
  }

  assignMenu() {
    const others = this.me.staff.filter((name) => name !== this.ticket.assignee);
    return menu("desk.assign", others.map((name) => h("option", { value: name }, name)), (to) => this.do("assign", { to }));
  }

  priorityMenu() {
    const options = PRIORITIES.map((name) => h("option", { value: name }, t(`desk.priority.${name}`)));
    return menu(`desk.priority.${this.ticket.priority}`, options, (priority) => this.do("priority", { priority }), "desk.priority");
  }

  async do(verb, values) {
    if (!this.ticket) return;
    try {
      await act(this.ticket.id, verb, values);
    } catch (refusal) {
      this.failed(refusal);
    }
    this.changed();
    await this.load();
  }

  // ---- words

  async send() {
    const box = byId("text");
    const text = box.value.trim();
    if (!text || !this.ticket || this.sending) return;
    const verb = this.noting ? "note" : "reply";
    const name = this.ticket.id;
    const attempt = `${name}/${verb}/${text}`;
    const id = this.unsent.get(attempt) ?? newId();
    this.unsent.set(attempt, id);
    this.sending = true;
    try {
      await act(name, verb, { text }, id);
      this.unsent.delete(attempt);
      this.drafts.delete(`${name}/${verb}`);
      if (this.ticket?.id === name && this.mode === verb && box.value.trim() === text) box.value = "";
      this.grow();
    } catch (refusal) {
      if (refusal.status >= 400 && refusal.status < 500) this.unsent.delete(attempt);
      this.failed(refusal);
    } finally {
      this.sending = false;
    }
    this.changed();
    await this.load();
    byId("scroll").scrollTop = byId("scroll").scrollHeight;
  }

  insert() {
    const reply = this.me.canned[Number(byId("canned").value)];
    byId("canned").value = "";
    if (!reply) return;
    const values = { customer: this.ticket.customer, agent: this.me.name };
    const text = reply.text[this.ticket.language === "en" ? "en" : "zh"].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    this.put(text.replace(/ +([,，])/g, "$1"));
  }

  // The bot's draft is for the customer's box, to be edited and sent by the agent, never for colleagues.
  edit(text) {
    this.choose("reply");
    this.put(text);
  }

  put(text) {
    byId("text").value = text;
    this.grow();
    byId("text").focus();
  }

  grow() {
    const box = byId("text");
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  }
}

// A menu of acts: `label` stands in it, `name` says what it is.
function menu(label, options, chosen, name = label) {
  const select = h("select", { "aria-label": t(name) }, h("option", { value: "" }, t(label)), ...options);
  select.addEventListener("change", () => select.value && chosen(select.value));
  return select;
}

function drawEntry(entry) {
  if (entry.kind === "event") return h("li", { class: "done" }, `${happened(entry)} · ${clock(entry.at)}`);
  if (entry.kind === "note") {
    return h("li", { class: "noted" }, h("small", {}, `${t("desk.note")} · ${entry.name} · ${clock(entry.at)}`), h("p", {}, entry.text));
  }
  const name = { customer: entry.name || t("desk.you"), bot: t("desk.bot"), agent: entry.name }[entry.kind];
  const titles = entry.cards?.map((card) => card.title).join(", ");
  return h(
    "li",
    { class: `said ${entry.kind}` },
    h("small", {}, `${name} · ${clock(entry.at)}`),
    ...(entry.photos ?? []).map(drawPhoto),
    entry.text ? h("p", { class: "bubble" }, entry.text) : "",
    titles ? h("p", { class: "offered" }, t("desk.offered", { titles })) : "",
  );
}

function happened(entry) {
  if (entry.event === "due") return t(`desk.due.${entry.text}`, { at: "" });
  if (entry.event === "priority") return t("desk.event.priority", { ...entry, text: t(`desk.priority.${entry.text}`) });
  if (entry.event === "rated") return t("desk.event.rated", { text: stars(Number(entry.text)) });
  const key = entry.event === "returned" && entry.name ? "given" : entry.event;
  return t(`desk.event.${key}`, entry);
}

function drawPhoto(photo) {
  const address = `/desk/api/photos/${photo.digest}?${new URLSearchParams({ media_type: photo.media_type })}`;
  return h("a", { class: "photo", href: address, target: "_blank", rel: "noopener" }, h("img", { src: address, alt: t("desk.photo") }));
}
