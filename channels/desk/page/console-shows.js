// The shows of the shop's rooms, each with the link to its report: a page of its own, which can be kept as a file.

import { h, language, t } from "/static/base.js";
import { ask } from "/desk/static/api.js";
import { clock, date } from "/desk/static/words.js";

export class Shows {
  constructor({ failed }) {
    Object.assign(this, { failed });
  }

  async show(into) {
    into.replaceChildren(h("p", { class: "none" }, t("console.loading")));
    let shows;
    try {
      ({ shows } = await ask("/console/shows"));
    } catch (refusal) {
      return this.failed(refusal);
    }
    if (!location.hash.startsWith("#shows")) return;
    const listed = shows.length ? shows.map(drawShow) : [h("li", { class: "none" }, t("console.shows.none"))];
    into.replaceChildren(h("p", { class: "lead" }, t("console.shows.lead")), h("ol", { class: "gaps", id: "shows" }, ...listed));
  }
}

function drawShow({ room, since, until }) {
  const end = date(since) === date(until) ? clock(until) : `${date(until)} ${clock(until)}`;
  const span = `${date(since)} ${clock(since)} – ${end}`;
  const href = `/desk/api/console/shows/report?${new URLSearchParams({ room, since, until, language })}`;
  return h(
    "li",
    { class: "lack" },
    h("p", { class: "asked" }, h("span", {}, span)),
    h(
      "div",
      { class: "acts-row" },
      h("span", { class: "mark" }, t("console.shows.room", { room })),
      h("a", { class: "button quiet small", href, "aria-label": t("console.shows.report.of", { room, span }) }, t("console.shows.report")),
    ),
  );
}
