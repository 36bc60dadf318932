// What the bot could not answer, and the answers that the shop writes to it.

import { h, t, toast } from "/static/base.js";
import { ask } from "/desk/static/api.js";

const LANGUAGES = ["zh", "en"];
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

export class Gaps {
  constructor({ failed }) {
    Object.assign(this, { failed, gaps: [], written: [] });
  }

  async show(into) {
    this.into = into;
    into.replaceChildren(h("p", { class: "none" }, t("console.loading")));
    await this.load();
  }

  async load() {
    try {
      Object.assign(this, await ask("/console/gaps"));
      if (this.into.isConnected && location.hash.startsWith("#gaps")) this.draw();
    } catch (refusal) {
      this.failed(refusal);
    }
  }

  draw() {
    const open = this.gaps.filter((gap) => !gap.written);
    const done = this.gaps.filter((gap) => gap.written);
    const none = (key) => [h("li", { class: "none" }, t(key))];
    this.into.replaceChildren(
      h("p", { class: "lead" }, t("console.gaps.lead")),
      h("ol", { class: "gaps" }, ...(open.length ? open.map((gap) => this.drawGap(gap)) : none("console.gaps.none"))),
      h(
        "div",
        { class: "heading" },
        h("h2", {}, t("console.written")),
        h("button", { class: "button quiet small", type: "button", id: "write-new", onclick: (event) => this.edit(event, {}) }, t("console.write.new")),
      ),
      h("ol", { class: "gaps", id: "written" }, ...(this.written.length ? this.written.map((one) => this.drawWritten(one, done)) : none("console.written.none"))),
    );
  }

  drawGap(gap) {
    const begun = { [gap.language]: { questions: gap.examples, answer: "" } };
    return h(
      "li",
      { class: "lack" },
      h("p", { class: "asked" }, h("span", {}, gap.examples[0])),
      ...gap.examples.slice(1).map((text) => h("p", { class: "also" }, text)),
      h(
        "div",
        { class: "acts-row" },
        h("span", { class: "mark unanswered" }, t("console.gaps.times", { count: gap.times })),
        h("span", { class: "mark" }, t(`console.language.${gap.language}`)),
        h("button", { class: "button small", type: "button", onclick: (event) => this.edit(event, begun) }, t("console.write")),
      ),
    );
  }

  drawWritten(one, done) {
    const times = done.filter((gap) => gap.written === one.id).reduce((sum, gap) => sum + gap.times, 0);
    const said = LANGUAGES.filter((language) => one[language]).flatMap((language) => [
      h("p", { class: "asked", lang: language }, h("span", {}, one[language].questions.join(" / "))),
      h("p", { class: "answer", lang: language }, one[language].answer),
    ]);
    return h(
      "li",
      { class: "lack" },
      ...said,
      h(
        "div",
        { class: "acts-row" },
        times ? h("span", { class: "mark answered" }, t("console.written.was", { count: times })) : "",
        h("button", { class: "button quiet small", type: "button", onclick: (event) => this.edit(event, one) }, t("console.edit")),
        h("button", { class: "button quiet small", type: "button", onclick: (event) => this.remove(event, one) }, t("console.remove")),
      ),
    );
  }

  // ---- writing

  edit(event, one) {
    const opener = event.currentTarget;
    const parts = Object.fromEntries(LANGUAGES.map((language) => [language, drawPart(language, one[language])]));
    const close = () => {
      form.remove();
      opener.hidden = false;
      opener.focus();
    };
    const form = h(
      "form",
      { class: "write" },
      ...LANGUAGES.map((language) => parts[language].set),
      h(
        "div",
        { class: "acts-row" },
        h("button", { class: "button", type: "submit" }, t("console.save")),
        h("button", { class: "button quiet", type: "button", onclick: close }, t("console.cancel")),
      ),
    );
    form.addEventListener("submit", (submitted) => {
      submitted.preventDefault();
      this.save(form, one.id, parts);
    });
    form.addEventListener("keydown", (pressed) => pressed.key === "Escape" && !pressed.isComposing && close());
    opener.hidden = true;
    const of = opener.closest(".lack");
    if (of) of.append(form);
    else opener.closest(".heading").after(form);
    const first = LANGUAGES.find((language) => one[language]) ?? LANGUAGES[0];
    (one[first] ? parts[first].answer : parts[first].questions).focus();
  }

  async save(form, id, parts) {
    const wordings = Object.entries(parts).map(([language, { questions, answer }]) => [language, { questions: lines(questions.value), answer: answer.value.trim() }]);
    const begun = wordings.filter(([, one]) => one.answer);
    if (!begun.length) return toast(t("console.write.empty"));
    if (begun.some(([, one]) => !one.questions.length)) return toast(t("console.write.question"));
    form.querySelector("[type=submit]").disabled = true;
    try {
      await ask("/console/written", { id, ...Object.fromEntries(begun) });
      toast(t("console.saved"));
      await this.load();
    } catch (refusal) {
      form.querySelector("[type=submit]").disabled = false;
      this.failed(refusal);
    }
  }

  // The first press asks, the second removes.
  async remove(event, one) {
    const button = event.currentTarget;
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = t("console.remove.sure");
      return;
    }
    try {
      await ask(`/console/written/${one.id}/remove`, {});
      await this.load();
    } catch (refusal) {
      this.failed(refusal);
    }
  }
}

function drawPart(language, wording) {
  const questions = h("textarea", { rows: 2, maxlength: 4000, lang: language });
  const answer = h("textarea", { rows: 3, maxlength: 2000, lang: language });
  questions.value = (wording?.questions ?? []).join("\n");
  answer.value = wording?.answer ?? "";
  const set = h(
    "fieldset",
    {},
    h("legend", {}, t(`console.language.${language}`)),
    h("label", {}, h("span", {}, t("console.write.questions")), questions),
    h("label", {}, h("span", {}, t("console.write.answer")), answer),
  );
  return { set, questions, answer };
}
