// Talking to /desk/api. What is refused is thrown as a Refusal, whose words are in the agent's language.

import { newId, t } from "/static/base.js";

export class Refusal extends Error {
  constructor(status, problem) {
    const known = t(`desk.refused.${problem.key}`);
    super(known.startsWith("desk.refused.") ? problem.detail : known);
    this.status = status;
  }
}

export async function ask(path, body) {
  const sent = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(`/desk/api${path}`, sent);
  } catch {
    throw new Refusal(0, { key: "", detail: t("desk.offline") });
  }
  const answer = await response.json();
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

// Do something with a ticket. `id` is the act's own: sent again after a failure it counts once.
export async function act(ticket, verb, values = {}, id = newId()) {
  return (await ask(`/tickets/${ticket}/${verb}`, { id, ...values })).ticket;
}
