// Numbers of the last days: charts drawn as SVG, each with its table for whoever reads rather than looks.

import { h, language, t } from "/static/base.js";
import { ask } from "/desk/static/api.js";

const WIDTH = 720;
const HEIGHT = 180;
const LEFT = 34;
const BOTTOM = 22;
const CHARTS = { messages: ["answered", "served", "unanswered"], people: ["handed_over", "resolved"] };
const NS = "http://www.w3.org/2000/svg";
const sum = (days, name) => days.reduce((total, day) => total + day[name], 0);
const percent = (part, whole) => (whole ? `${Math.round((part / whole) * 100)}%` : "–");

export class Numbers {
  constructor({ failed }) {
    Object.assign(this, { failed, days: [] });
  }

  async show(into) {
    into.replaceChildren(h("p", { class: "none" }, t("console.loading")));
    try {
      this.days = (await ask("/console/numbers")).days;
    } catch (refusal) {
      return this.failed(refusal);
    }
    if (!location.hash.startsWith("#numbers")) return;
    into.replaceChildren(
      h("ul", { class: "sums" }, ...drawSums(this.days)),
      drawChart(this.days, "messages", true),
      drawChart(this.days, "people", false),
      drawTable(this.days),
    );
  }
}

function drawSums(days) {
  const answered = sum(days, "answered");
  const asked = answered + sum(days, "unanswered");
  const rated = sum(days, "rated");
  return [
    ["console.sum.answered", answered, t("console.sum.of", { share: percent(answered, asked) })],
    ["console.sum.handed_over", sum(days, "handed_over"), ""],
    ["console.sum.resolved", sum(days, "resolved"), ""],
    ["console.sum.csat", percent(sum(days, "satisfied"), rated), t("console.sum.rated", { count: rated })],
  ].map(([name, value, more]) => h("li", {}, h("span", {}, t(name)), h("b", {}, String(value)), h("small", {}, more)));
}

// Bars for each day: on top of each other where `stacked`, else side by side.
function drawChart(days, name, stacked) {
  const series = CHARTS[name];
  const heights = days.map((day) => (stacked ? series.reduce((total, one) => total + day[one], 0) : Math.max(...series.map((one) => day[one]))));
  const top = niceTop(Math.max(...heights));
  const step = (WIDTH - LEFT) / days.length;
  const y = (value) => HEIGHT - (value / top) * HEIGHT;
  const svg = part("svg", { class: "chart", viewBox: `0 -10 ${WIDTH} ${HEIGHT + BOTTOM + 10}`, role: "img", "aria-label": t(`console.chart.${name}`) });
  for (const value of [0, top / 2, top]) {
    svg.append(part("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value) }), part("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(value)));
  }
  days.forEach((day, number) => {
    const x = LEFT + number * step;
    svg.append(...drawBars(day, series, stacked, { x, step, y }));
    const behind = days.length - 1 - number; // each week back from today, whose name ends with the chart
    if (behind % 7 === 0) svg.append(part("text", { class: "tick", x: behind ? x + step / 2 : WIDTH, y: HEIGHT + BOTTOM - 5, "text-anchor": behind ? "middle" : "end" }, shortDay(day.day)));
  });
  const legend = series.map((one) => h("li", { class: one }, t(`console.series.${one}`)));
  return h("figure", { class: "figure" }, h("figcaption", {}, h("h2", {}, t(`console.chart.${name}`)), h("ul", { class: "legend" }, ...legend)), svg);
}

function drawBars(day, series, stacked, { x, step, y }) {
  const width = stacked ? step * 0.7 : (step * 0.8) / series.length;
  let below = 0;
  return series.flatMap((one, number) => {
    const value = day[one];
    const left = stacked ? x + step * 0.15 : x + step * 0.1 + number * width;
    const bar = value && part("rect", { class: `bar-${one}`, x: left, width, y: y(below + value), height: y(below) - y(below + value) }, part("title", {}, `${shortDay(day.day)} · ${t(`console.series.${one}`)}: ${value}`));
    if (stacked) below += value;
    return bar ? [bar] : [];
  });
}

// The highest number of the axis: even, and of one digit that counts, so that its half is a whole number.
function niceTop(highest) {
  const size = 10 ** Math.floor(Math.log10(Math.max(highest, 1)));
  return [2, 4, 6, 8, 10].map((one) => one * size).find((one) => one >= highest);
}

function part(name, attributes, ...children) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function shortDay(day) {
  const [year, month, date] = day.split("-").map(Number);
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { month: "short", day: "numeric" }).format(new Date(year, month - 1, date));
}

function drawTable(days) {
  const names = [...CHARTS.messages, ...CHARTS.people];
  const head = h("tr", {}, ...["day", ...names, "csat"].map((name) => h("th", { scope: "col" }, t(`console.series.${name}`))));
  const rows = days.toReversed().map((day) =>
    h("tr", {}, h("th", { scope: "row" }, shortDay(day.day)), ...names.map((name) => h("td", {}, String(day[name]))), h("td", {}, day.rated ? `${percent(day.satisfied, day.rated)} (${day.rated})` : "–")),
  );
  return h("details", { class: "table" }, h("summary", {}, t("console.table")), h("div", { class: "wide-table", tabindex: 0 }, h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows))));
}
