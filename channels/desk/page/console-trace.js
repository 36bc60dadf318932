// A turn with its trace: what was said, and behind it what was read, found, decided and done.

import { h, safeUrl, t } from "/static/base.js";

const share = (number) => `${Math.round(number * 100)}%`;

// A turn as an item of a list; `at` is its time as people read it. `open` shows the trace at once.
export function drawTurn(turn, at, open = false) {
  const asked = turn.author === "customer" ? turn.text : t(`console.author.${turn.author}`);
  return h(
    "li",
    { class: "turn" },
    h("p", { class: "asked" }, h("small", {}, [at, turn.name].filter(Boolean).join(" · ")), h("span", {}, asked || "…")),
    ...turn.photos.map(drawPhoto),
    ...turn.said.map(drawReply),
    turn.error ? h("p", { class: "fault" }, turn.error) : "",
    turn.read || turn.decided.length ? drawTrace(turn, open) : "",
  );
}

function drawPhoto(photo) {
  const src = `/desk/api/photos/${photo.digest}?media_type=${encodeURIComponent(photo.media_type)}`;
  return h("img", { class: "sent", src, alt: t("desk.photo"), loading: "lazy" });
}

function drawReply(reply) {
  const cards = (reply.cards ?? []).map((card) => card.title).join(", ");
  return h(
    "div",
    { class: `replied ${reply.agent ? "agent" : ""}` },
    reply.agent ? h("small", {}, reply.agent) : "",
    h("p", {}, reply.text || "…"),
    cards ? h("small", {}, t("desk.offered", { titles: cards })) : "",
    ...(reply.citations ?? []).map((one) => h("small", { class: "source" }, t("console.source"), drawLink(one))),
  );
}

function drawLink(source) {
  const where = [source.title, source.location].filter(Boolean).join(" · ");
  const url = safeUrl(source.url);
  return url ? h("a", { class: "inline", href: url, target: "_blank", rel: "noopener" }, where) : where;
}

function drawTrace(turn, open) {
  return h(
    "details",
    { class: "trace", open },
    h("summary", {}, t("console.trace"), h("span", { class: `mark ${turn.became}` }, t(`console.became.${turn.became}`))),
    h(
      "dl",
      {},
      ...(turn.read ? drawRead(turn.read) : []),
      ...drawPart("found", turn.found.map(drawFound)),
      ...drawPart("decided", turn.decided.map(drawTold)),
      ...drawPart("done", turn.done.map(drawDone)),
      ...drawPart("took", [Object.entries(turn.timings).map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`).join(" · ")].filter(Boolean)),
    ),
  );
}

function drawPart(name, lines) {
  return lines.length ? [h("dt", {}, t(`console.trace.${name}`)), ...lines.map((line) => h("dd", {}, line))] : [];
}

function drawRead(read) {
  const others = read.ranking.filter((one) => one.intent !== read.intent).map((one) => `${one.intent} ${share(one.confidence)}`);
  const intent = read.intent && t("console.trace.intent", { intent: read.intent, sure: share(read.confidence), stage: read.stage });
  const values = read.values.map((one) => `${one.kind} = ${one.value} (“${one.text}”)`);
  return [
    ...drawPart("read", [t(`console.language.${read.language}`), intent].filter(Boolean)),
    ...drawPart("others", others),
    ...drawPart("values", values),
    ...drawPart("commands", read.commands.map(drawTold)),
  ];
}

function drawTold(one) {
  const values = Object.entries(one.values).map(([name, value]) => `${name}: ${value}`);
  return h("span", {}, h("code", {}, one.kind), values.length ? ` ${values.join(" · ")}` : "");
}

function drawFound(passage) {
  const score = passage.live ? t("console.trace.live") : t("console.trace.score", { score: passage.score.toFixed(2) });
  return h("span", {}, drawLink(passage), h("small", {}, score), h("q", {}, passage.text));
}

function drawDone(outcome) {
  const how = outcome.ok ? t("console.trace.ok") : t("console.trace.refused", { code: outcome.refusal || "…" });
  const data = Object.entries(outcome.data).map(([name, value]) => `${name}: ${value}`).join(" · ");
  return h("span", {}, h("code", {}, outcome.action), ` ${how}`, data ? h("small", {}, data) : "");
}
