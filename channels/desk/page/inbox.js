// The inbox: views, search, the list, and which line of it is marked for the keyboard.

import { h, t } from "/static/base.js";
import { ask } from "/desk/static/api.js";
import { channelName, customerName, dueName, offerName, shortTime, stars, stateName } from "/desk/static/words.js";

const VIEWS = ["waiting", "mine", "all", "resolved", "numbers"];
const PERIOD_DAYS = 30;
const TYPED_MS = 250;
const byId = (id) => document.getElementById(id);

export class Inbox {
  // `open` is called with the name of the ticket that was chosen, `counted` with the counts of every answer.
  constructor({ me, open, counted, failed }) {
    Object.assign(this, { me, open, counted, failed });
    this.view = "waiting";
    this.tickets = [];
    this.numbers = [];
    this.counts = { waiting: 0, mine: 0, unread: 0 };
    this.marked = -1;
    this.current = "";
    this.asked = 0;
    byId("words").addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.load(), TYPED_MS);
    });
  }

  async load() {
    const asked = ++this.asked;
    if (this.view === "numbers") return this.loadNumbers(asked);
    const words = byId("words").value.trim();
    try {
      const answer = await ask(`/tickets?${new URLSearchParams({ view: this.view, words })}`);
      if (asked !== this.asked) return; // a later question has been asked since
      const marked = this.tickets[this.marked]?.id;
      this.tickets = answer.tickets;
      this.marked = this.tickets.findIndex((ticket) => ticket.id === marked);
      this.counts = answer.counts;
      this.counted(answer.counts);
      this.draw();
    } catch (refusal) {
      this.failed(refusal);
    }
  }

  // What customers thought, by agent; the first line is everybody's.
  async loadNumbers(asked) {
    try {
      const answer = await ask(`/numbers?days=${PERIOD_DAYS}`);
      if (asked !== this.asked) return;
      this.numbers = answer.numbers;
      this.tickets = [];
      this.draw();
    } catch (refusal) {
      this.failed(refusal);
    }
  }

  draw() {
    const focused = document.activeElement?.dataset?.line; // drawing anew must not take the keyboard's place away
    byId("views").replaceChildren(...VIEWS.map((view) => this.drawView(view)));
    const none = byId("words").value.trim() ? "desk.none.words" : `desk.none.${this.view}`;
    if (this.view === "numbers") {
      byId("tickets").replaceChildren(...this.numbers.map(drawNumbers));
      return;
    }
    const lines = this.tickets.map((ticket, number) => h("li", {}, this.drawTicket(ticket, number)));
    byId("tickets").replaceChildren(...(lines.length ? lines : [h("li", { class: "none" }, t(none))]));
    if (focused) document.querySelector(`[data-line="${focused}"]`)?.focus();
  }

  drawView(view) {
    const count = this.counts[view];
    return h(
      "button",
      { class: "view", type: "button", "data-line": view, "aria-pressed": String(view === this.view), onclick: () => this.show(view) },
      t(`desk.view.${view}`),
      count ? h("b", {}, String(count)) : "",
    );
  }

  drawTicket(ticket, number) {
    const classes = ["ticket", ticket.unread && "unread", number === this.marked && "marked"].filter(Boolean).join(" ");
    return h(
      "button",
      {
        class: classes,
        type: "button",
        "data-line": ticket.id,
        "aria-current": String(ticket.id === this.current),
        onclick: () => this.choose(number),
      },
      h("strong", {}, customerName(ticket)),
      h("time", { datetime: ticket.last_at }, shortTime(ticket.last_at)),
      h("span", { class: "last" }, ticket.last_words || "…"),
      ticket.unread ? h("span", { class: "count" }, String(ticket.unread)) : "",
      h(
        "span",
        { class: "marks" },
        ticket.due ? h("span", { class: `mark ${ticket.due.missed ? "missed" : "near"}` }, dueName(ticket.due)) : "",
        ticket.priority === "normal" ? "" : h("span", { class: "mark" }, t(`desk.priority.${ticket.priority}`)),
        h("span", { class: `mark ${ticket.state}` }, stateName(ticket, this.me)),
        ticket.offered_to ? h("span", { class: `mark ${ticket.offered_to === this.me ? "offered" : ""}` }, offerName(ticket, this.me)) : "",
        ticket.stars ? h("span", { class: "mark near" }, stars(ticket.stars)) : "",
        h("span", { class: "mark" }, channelName(ticket)),
        ...ticket.tags.map((tag) => h("span", { class: "mark" }, tag)),
      ),
    );
  }

  show(view) {
    this.view = view;
    this.marked = -1;
    this.load();
  }

  choose(number) {
    this.marked = number;
    this.current = this.tickets[number].id;
    this.draw();
    this.open(this.current);
  }

  // The keyboard: move the mark by one line, and open what is marked.
  move(by) {
    if (!this.tickets.length) return;
    this.marked = Math.max(0, Math.min(this.tickets.length - 1, this.marked + by));
    this.draw();
    document.querySelector(".ticket.marked")?.scrollIntoView({ block: "nearest" });
  }

  openMarked() {
    if (this.marked >= 0) this.choose(this.marked);
  }
}

function drawNumbers(one) {
  const values = one.count ? { mean: one.mean.toFixed(2), share: Math.round(one.satisfied * 100) } : {};
  return h(
    "li",
    { class: "numbers" },
    h("strong", {}, one.agent || t("desk.numbers.all", { days: PERIOD_DAYS })),
    h("span", {}, t(one.count ? "desk.numbers.line" : "desk.numbers.none", { asked: one.asked, count: one.count, ...values })),
  );
}
