// The playground: what the bot would make of a message. Nothing of it is kept, sent or carried out.

import { h, t } from "/static/base.js";
import { ask } from "/desk/static/api.js";
import { drawTurn } from "/desk/static/console-trace.js";
import { clock } from "/desk/static/words.js";

export class Playground {
  constructor({ failed }) {
    Object.assign(this, { failed, turns: [] });
  }

  show(into) {
    const input = h("input", { id: "try", maxlength: 4000, autocomplete: "off", required: true });
    const button = h("button", { class: "button", type: "submit" }, t("console.try.ask"));
    const form = h("form", { class: "try" }, h("label", {}, h("span", {}, t("console.try.label")), input), button);
    this.list = h("ol", { class: "turns", "aria-live": "polite" });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!input.value.trim()) return;
      button.disabled = true;
      await this.attempt(input.value);
      button.disabled = false;
      input.select();
    });
    into.replaceChildren(h("p", { class: "lead" }, t("console.try.lead")), form, this.list);
    this.draw();
    input.focus();
  }

  async attempt(text) {
    try {
      const { turn } = await ask("/console/try", { text });
      this.turns.unshift(turn);
      this.draw();
    } catch (refusal) {
      this.failed(refusal);
    }
  }

  draw() {
    this.list.replaceChildren(...this.turns.map((turn, number) => drawTurn(turn, clock(turn.at), number === 0)));
  }
}
