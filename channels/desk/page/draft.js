// What the bot would answer: shown above the box, to be used or put away. Nothing of it is sent from here.

import { h, t } from "/static/base.js";
import { ask } from "/desk/static/api.js";

const byId = (id) => document.getElementById(id);

export class BotDraft {
  // `wanted` says which ticket is open, `use` is given the words, `failed` every refusal.
  constructor({ wanted, use, failed }) {
    Object.assign(this, { wanted, use, failed });
    byId("draft-ask").addEventListener("click", () => this.load());
  }

  clear() {
    byId("draft").hidden = true;
    byId("draft").replaceChildren();
  }

  async load() {
    const name = this.wanted();
    if (!name) return;
    byId("draft-ask").disabled = true;
    try {
      const { draft } = await ask(`/tickets/${name}/draft`);
      if (this.wanted() === name) this.show(draft);
    } catch (refusal) {
      this.failed(refusal);
    } finally {
      byId("draft-ask").disabled = false;
    }
  }

  show(draft) {
    const away = h("button", { class: "button quiet small", type: "button", onclick: () => this.clear() }, t("desk.draft.away"));
    const take = h("button", { class: "button small", type: "button", onclick: () => this.take(draft.text) }, t("desk.draft.use"));
    byId("draft").replaceChildren(
      h("small", {}, draft ? t("desk.draft.to", { asked: draft.asked }) : t("desk.draft.none")),
      draft?.text ? h("p", {}, draft.text) : "",
      draft && !draft.text && !draft.verb ? h("p", {}, t("desk.draft.nothing")) : "",
      draft?.cards.length ? h("small", {}, t("desk.offered", { titles: draft.cards.map((card) => card.title).join(", ") })) : "",
      ...(draft?.citations ?? []).map(drawSource),
      draft?.verb ? h("small", {}, t("desk.draft.verb", { verb: draft.verb })) : "",
      h("div", { class: "draft-acts" }, draft?.text ? take : "", away),
    );
    byId("draft").hidden = false;
  }

  take(text) {
    this.clear();
    this.use(text);
  }
}

function drawSource(source) {
  const where = [source.title, source.location].filter(Boolean).join(" · ");
  return h("small", { class: "source" }, t("desk.draft.source", { where }));
}
