// The console: coming in, and which part is shown. The parts have files of their own.

import "/desk/static/texts.js";
import "/desk/static/console-texts.js";
import { h, onLanguage, start, t, toast } from "/static/base.js";
import { Gaps } from "/desk/static/console-gaps.js";
import { Knowledge } from "/desk/static/console-knowledge.js";
import { Numbers } from "/desk/static/console-numbers.js";
import { Shows } from "/desk/static/console-shows.js";
import { Talks } from "/desk/static/console-talks.js";
import { Playground } from "/desk/static/console-try.js";
import { Login } from "/desk/static/login.js";

const byId = (id) => document.getElementById(id);
const login = new Login({ shell: "console", enter });
const parts = {
  conversations: new Talks({ failed }),
  gaps: new Gaps({ failed }),
  knowledge: new Knowledge({ failed }),
  shows: new Shows({ failed }),
  try: new Playground({ failed }),
  numbers: new Numbers({ failed }),
};
let owner = false;

function failed(refusal) {
  if (refusal.status === 401) login.show(t("desk.over"));
  else toast(t("console.failed", { detail: refusal.message }));
}

// The address says what is shown, as #PART or #PART/WHAT, so that going back goes back.
function place() {
  const [name, what = ""] = location.hash.slice(1).split("/");
  return parts[name] ? [name, decodeURIComponent(what)] : [Object.keys(parts)[0], ""];
}

async function enter(me) {
  owner = me.role === "owner";
  show();
}

function show() {
  if (byId("console").hidden) return;
  const [name, what] = place();
  byId("tabs").hidden = !owner;
  byId("tabs").replaceChildren(
    ...Object.keys(parts).map((part) => h("a", { class: "view", href: `#${part}`, "aria-current": part === name ? "page" : null }, t(`console.${part}`))),
  );
  byId("tabs").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
  if (owner) parts[name].show(byId("part"), what);
  else byId("part").replaceChildren(h("p", { class: "none" }, t("console.owners"), " ", h("a", { class: "inline", href: "/desk" }, t("console.desk"))));
}

addEventListener("hashchange", () => {
  show();
  byId("part").focus({ preventScroll: true });
  scrollTo(0, 0);
});
onLanguage(show);
start();
await login.begin();
