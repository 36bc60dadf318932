// The landing page.

import { language, onLanguage, start } from "/static/base.js";

const QUESTIONS = { zh: "3号链接多少钱", en: "How much is link 3?" };

onLanguage(() => {
  const body = JSON.stringify({ sender: "ann", message: QUESTIONS[language], metadata: { room: "main" } });
  document.getElementById("curl").textContent = `curl ${location.origin}/webhooks/rest/webhook \\\n  -d '${body}'`;
});
start();
