// What is loaded: the shop's folder, how much of everything, what was refused and how to mend it, and the documents.

import { h, t } from "/static/base.js";
import { ask } from "/desk/static/api.js";
import { clock, date } from "/desk/static/words.js";

const moment = (at) => `${date(at)} ${clock(at)}`;
// The last day of what holds until a moment: midnight is the end of the day before.
const lastDay = (until) => date(new Date(until) - 1);

const HOLDS = { over: "handed_over", to_come: "unanswered", now: "" };

export class Knowledge {
  constructor({ failed }) {
    Object.assign(this, { failed });
  }

  async show(into) {
    into.replaceChildren(h("p", { class: "none" }, t("console.loading")));
    let state;
    try {
      state = await ask("/console/knowledge");
    } catch (refusal) {
      return this.failed(refusal);
    }
    if (!location.hash.startsWith("#knowledge")) return;
    into.replaceChildren(...drawState(state), ...drawLoad(state), ...drawDocuments(state.documents), ...drawEarlier(state.earlier));
  }
}

function drawState({ in_force, failed, counts, documents }) {
  const told = in_force ? t("console.load.of", { folder: in_force.folder, at: moment(in_force.at) }) : t(failed ? "console.load.never" : "console.load.none");
  const passages = documents.reduce((sum, one) => sum + one.passages, 0);
  const sums = [
    ...(counts ? drawCounts(counts) : []),
    ["console.count.documents", documents.length, t("console.count.passages", { count: passages })],
  ];
  return [
    h("p", { class: "lead" }, told),
    failed ? h("p", { class: "fault" }, t("console.load.fault", { folder: failed.folder, at: moment(failed.at) }), h("span", { lang: "en" }, failed.fault)) : "",
    counts ? "" : h("p", { class: "fault" }, t("console.count.away")),
    h("ul", { class: "sums" }, ...sums.map(([name, value, more]) => h("li", {}, h("span", {}, t(name)), h("b", {}, String(value)), h("small", {}, more)))),
  ];
}

function drawCounts({ products, variants, orders, more_orders, promotions, coupons }) {
  return [
    ["console.count.products", products, ""],
    ["console.count.variants", variants, ""],
    ["console.count.offers", promotions + coupons, t("console.count.of", { promotions, coupons })],
    ["console.count.orders", more_orders ? `${orders}+` : orders, ""],
  ];
}

function drawLoad({ in_force }) {
  if (!in_force) return [];
  const complaints = in_force.complaints.map(({ file, said }) => h("li", { class: "lack" }, h("h3", {}, file), h("ul", { class: "said" }, ...said.map(drawComplaint))));
  return [
    h("div", { class: "heading" }, h("h2", {}, t(complaints.length ? "console.load.refused" : "console.load"))),
    complaints.length ? h("ol", { class: "gaps", id: "complaints" }, ...complaints) : h("p", { class: "none" }, t("console.load.clean")),
    in_force.more ? h("p", { class: "none" }, t("console.load.more", { count: in_force.more })) : "",
    in_force.pack.length ? h("p", { class: "lead" }, t("console.load.pack", { files: in_force.pack.join(", ") })) : "",
    drawFiles(in_force.files),
  ];
}

function drawComplaint({ row, column, value, why, taken }) {
  const where = row ? t(column ? "console.load.cell" : "console.load.row", { row, column }) : "";
  return h(
    "li",
    {},
    h("p", { class: "where" }, h("span", { class: `mark ${taken ? "unanswered" : "handed_over"}` }, t(taken ? "console.load.doubt" : "console.load.not")), h("b", {}, where), value ? h("code", {}, value) : ""),
    h("p", { lang: "en" }, why),
  );
}

function drawFiles(files) {
  const columns = ["file", "taken", "kept", "out"].map((one) => h("th", { scope: "col" }, t(`console.load.${one}`)));
  const rows = files.map(({ name, taken, kept, refused, status }) => {
    const told = t(`console.status.${status}`, { count: taken });
    return h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, told.startsWith("console.status.") ? String(taken) : told), h("td", {}, kept ? String(kept) : ""), h("td", {}, refused ? String(refused) : ""));
  });
  const table = h("table", {}, h("thead", {}, h("tr", {}, ...columns)), h("tbody", {}, ...rows));
  return h("details", { class: "table", id: "files" }, h("summary", {}, t("console.load.files")), h("div", { class: "wide-table", tabindex: 0, role: "region", "aria-label": t("console.load.files") }, table));
}

function drawDocuments(documents) {
  const listed = documents.length ? documents.map(drawDocument) : [h("li", { class: "none" }, t("console.documents.none"))];
  return [h("div", { class: "heading" }, h("h2", {}, t("console.documents"))), h("ol", { class: "gaps", id: "documents" }, ...listed)];
}

function drawDocument({ path, title, languages, kinds, audience, holds, valid_from, valid_until, passages }) {
  const marks = [...languages.map((one) => t(`console.language.${one}`)), ...kinds.map((one) => t(`console.kind.${one}`)), t("console.documents.passages", { count: passages })];
  const at = holds === "to_come" ? date(valid_from) : valid_until && lastDay(valid_until);
  return h(
    "li",
    { class: "lack" },
    h("p", { class: "asked" }, h("span", {}, title || path)),
    h("p", { class: "also" }, path),
    h(
      "div",
      { class: "acts-row" },
      ...marks.map((text) => h("span", { class: "mark" }, text)),
      audience === "public" ? "" : h("span", { class: "mark answered" }, t(`console.audience.${audience}`)),
      at ? h("span", { class: `mark ${HOLDS[holds]}` }, t(`console.holds.${holds}`, { at })) : "",
    ),
  );
}

function drawEarlier(earlier) {
  if (!earlier.length) return [];
  const lines = earlier.map(({ at, folder, fault, refused }) => h("li", {}, `${moment(at)} · ${folder} · `, fault ? t("console.load.failed") : t("console.load.line", { count: refused }), fault ? h("p", { lang: "en" }, fault) : ""));
  return [h("div", { class: "heading" }, h("h2", {}, t("console.load.earlier"))), h("ol", { class: "said lack", id: "earlier" }, ...lines)];
}
