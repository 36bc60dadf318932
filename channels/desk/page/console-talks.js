// Conversations: the list with its search, and one of them with the trace of each turn.

import { h, t } from "/static/base.js";
import { ask } from "/desk/static/api.js";
import { clock, day, shortTime } from "/desk/static/words.js";
import { drawTurn } from "/desk/static/console-trace.js";

const CAME_TO = ["", "answered", "unanswered", "handed_over", "served"];
const TYPED_MS = 300;

export class Talks {
  constructor({ failed }) {
    Object.assign(this, { failed, words: "", became: "", talks: [], more: false, asked: 0 });
  }

  show(into, name) {
    this.into = into;
    if (name) this.open(name);
    else this.drawList();
  }

  // ---- the list

  drawList() {
    const search = h("input", { type: "search", maxlength: 200, value: this.words, placeholder: t("console.search"), id: "words" });
    search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.load({ words: search.value.trim() }), TYPED_MS);
    });
    this.views = h("div", { class: "views", role: "group", "aria-label": t("console.came") });
    this.list = h("ol", { class: "talks" });
    this.into.replaceChildren(
      h("label", { class: "search" }, h("span", { class: "unseen" }, t("console.search")), search),
      this.views,
      this.list,
    );
    this.load();
  }

  async load(changed = {}) {
    Object.assign(this, changed);
    this.drawViews();
    const asked = ++this.asked;
    const found = await this.ask("");
    if (!found || asked !== this.asked) return; // a later question has been asked since
    this.talks = found.conversations;
    this.more = found.more;
    this.draw();
  }

  async loadMore() {
    const found = await this.ask(this.talks.at(-1).last_at);
    if (!found) return;
    this.talks.push(...found.conversations);
    this.more = found.more;
    this.draw();
  }

  async ask(before) {
    try {
      return await ask(`/console/conversations?${new URLSearchParams({ words: this.words, became: this.became, before })}`);
    } catch (refusal) {
      this.failed(refusal);
      return null;
    }
  }

  drawViews() {
    this.views.replaceChildren(
      ...CAME_TO.map((became) =>
        h(
          "button",
          { class: "view", type: "button", "aria-pressed": String(became === this.became), onclick: () => this.load({ became }) },
          t(`console.became.${became || "all"}`),
        ),
      ),
    );
  }

  draw() {
    const lines = this.talks.map(drawTalk);
    if (!lines.length) lines.push(h("li", { class: "none" }, t(this.words || this.became ? "desk.none.words" : "console.none")));
    if (this.more) lines.push(h("li", { class: "more" }, h("button", { class: "button quiet", type: "button", onclick: () => this.loadMore() }, t("console.more"))));
    this.list.replaceChildren(...lines);
  }

  // ---- one conversation

  async open(name) {
    const back = h("a", { class: "inline back", href: "#conversations" }, t("console.back"));
    this.into.replaceChildren(back);
    try {
      const { turns } = await ask(`/console/conversations/${encodeURIComponent(name)}`);
      let last = "";
      const lines = turns.flatMap((turn) => {
        const head = day(turn.at) === last ? [] : [h("li", { class: "day" }, (last = day(turn.at)))];
        return [...head, drawTurn(turn, clock(turn.at))];
      });
      this.into.replaceChildren(back, h("ol", { class: "turns" }, ...lines));
    } catch (refusal) {
      this.failed(refusal);
    }
  }
}

function drawTalk(talk) {
  const known = t(`desk.channel.${talk.channel}`);
  const channel = known.startsWith("desk.channel.") ? talk.channel : known;
  return h(
    "li",
    {},
    h(
      "a",
      { class: "ticket", href: `#conversations/${talk.id}` },
      h("strong", {}, talk.customer || t("console.customer", { id: talk.id })),
      h("time", { datetime: talk.last_at }, shortTime(talk.last_at)),
      h("span", { class: "last" }, talk.asked || "…"),
      h("span", { class: "last" }, talk.answered || "…"),
      h(
        "span",
        { class: "marks" },
        h("span", { class: `mark ${talk.became}` }, t(`console.became.${talk.became}`)),
        h("span", { class: "mark" }, talk.room ? `${channel} · ${talk.room}` : channel),
        h("span", { class: "mark" }, t("console.turns", { count: talk.turns })),
      ),
    ),
  );
}
