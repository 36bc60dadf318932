// The page of the trial's payment provider: it says that it was paid.

import { setLanguage, start, t } from "/static/base.js";

const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const back = new URL(query.get("back") ?? "/chat", location.href);

start();
setLanguage(query.get("language") === "en" ? "en" : "zh");
byId("amount").textContent = query.get("shown") ?? "";
byId("back").href = back.pathname;
byId("paid").addEventListener("click", async () => {
  byId("paid").disabled = true;
  const told = Object.fromEntries(["due", "amount", "currency", "signature"].map((name) => [name, query.get(name)]));
  const response = await fetch("/payments/callback", { method: "POST", body: JSON.stringify(told) });
  if (response.ok) return location.assign(`${back.pathname}?paid`);
  byId("problem").hidden = false;
  byId("problem").textContent = t("checkout.failed");
  byId("paid").disabled = false;
});
