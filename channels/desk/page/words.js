// How tickets and times read.

import { language, t } from "/static/base.js";

const tag = () => (language === "zh" ? "zh-CN" : "en-GB");

export const clock = (at) => new Intl.DateTimeFormat(tag(), { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

export const day = (at) => new Intl.DateTimeFormat(tag(), { month: "long", day: "numeric", weekday: "short" }).format(new Date(at));

export const date = (at) => new Intl.DateTimeFormat(tag(), { year: "numeric", month: "long", day: "numeric" }).format(new Date(at));

export function shortTime(at) {
  const today = new Date().toDateString() === new Date(at).toDateString();
  return today ? clock(at) : new Intl.DateTimeFormat(tag(), { month: "numeric", day: "numeric" }).format(new Date(at));
}

export const customerName = (ticket) => ticket.customer || t("desk.customer", { id: ticket.id.slice(0, 5) });

export function channelName(ticket) {
  const known = t(`desk.channel.${ticket.channel}`);
  return known.startsWith("desk.channel.") ? ticket.channel : known;
}

export function stateName(ticket, me) {
  if (ticket.state === "claimed" && ticket.assignee === me) return t("desk.state.mine");
  return t(`desk.state.${ticket.state}`, { name: ticket.assignee, at: ticket.snoozed_until && clock(ticket.snoozed_until) });
}

export const offerName = (ticket, me) => (ticket.offered_to === me ? t("desk.offered.you") : t("desk.offered.to", { name: ticket.offered_to }));

export const dueName = (due) => t(`desk.due.${due.goal}.${due.missed ? "missed" : "near"}`, { at: shortTime(due.at) });

export const stars = (count) => `${"★".repeat(count)}${"☆".repeat(5 - count)}`;
