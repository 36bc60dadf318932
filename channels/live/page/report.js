// The reports of a room's shows, behind the host's secret. The service writes the report; this adds buttons for the FAQ.

import { h, language, onLanguage, start, t, toast } from "/static/base.js";
import "/host/static/texts.js";

const byId = (id) => document.getElementById(id);
const room = new URLSearchParams(location.search).get("room") ?? "main";
let secret = "";
let asked = false;
let shows = [];

// Ask the service as the host; null where it did not answer as wanted, which was said then.
async function ask(path, body) {
  const headers = secret ? { Authorization: `Bearer ${secret}` } : {};
  const given = body ? { method: "POST", body: JSON.stringify(body), headers: { ...headers, "Content-Type": "application/json" } } : { headers };
  const response = await fetch(`/live/${encodeURIComponent(room)}/${path}`, given).catch(() => null);
  if (response?.ok) return response;
  if (response?.status === 403) logIn();
  else toast(response ? await fault(response) : t("report.away"));
  return null;
}

async function fault(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.detail ?? t("report.away");
}

function logIn() {
  byId("reports").hidden = true;
  byId("login").hidden = false;
  byId("login-fault").hidden = !asked;
  byId("secret").focus();
}

const chosen = () => shows[byId("shows").selectedIndex];
const reportPath = (form) => `report?${new URLSearchParams({ ...chosen(), language, form })}`;

async function comeIn() {
  const answer = await ask("shows");
  if (!answer) return;
  shows = (await answer.json()).shows;
  byId("login").hidden = true;
  byId("reports").hidden = false;
  byId("none").hidden = shows.length > 0;
  for (const id of ["shows", "download"]) byId(id).disabled = !shows.length;
  nameShows();
  await show();
}

function nameShows() {
  const kept = byId("shows").selectedIndex;
  const name = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", { dateStyle: "medium", timeStyle: "short" });
  byId("shows").replaceChildren(...shows.map((one) => h("option", {}, name.format(new Date(one.since)))));
  if (kept > 0) byId("shows").selectedIndex = kept;
}

async function show() {
  if (!chosen()) return;
  const wanted = reportPath("part");
  const answer = await ask(wanted);
  if (!answer) return;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".report");
  if (wanted !== reportPath("part")) return; // another was chosen meanwhile
  for (const item of part.querySelectorAll("[data-faq]")) item.append(faqButton(item.dataset.faq));
  byId("report").replaceChildren(part);
}

function faqButton(candidate) {
  const add = async () => {
    const answer = await ask("faq", { ...chosen(), candidate });
    if (!answer) return;
    const { file, added } = await answer.json();
    button.disabled = true;
    said.textContent = t(added ? "report.faq.done" : "report.faq.there", { file });
  };
  const button = h("button", { class: "button quiet small", type: "button", onclick: add }, t("report.faq"));
  const said = h("p", { class: "soft", role: "status" });
  return h("div", { class: "acts" }, button, said);
}

async function download() {
  const answer = await ask(reportPath("file"));
  if (!answer) return;
  const url = URL.createObjectURL(await answer.blob());
  h("a", { href: url, download: `show-${room}-${chosen().since.slice(0, 16).replaceAll(":", "")}.html` }).click();
  URL.revokeObjectURL(url);
}

byId("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  secret = byId("secret").value;
  asked = true;
  comeIn();
});
byId("shows").addEventListener("change", show);
byId("download").addEventListener("click", download);
byId("to-host").href = `/host?room=${encodeURIComponent(room)}`;
onLanguage(() => {
  if (!shows.length) return;
  nameShows();
  show();
});
start();
comeIn();
