// Coming in and going out, the same for the desk and the console. `shell` is what is shown to whoever is in.

import { t } from "/static/base.js";
import { ask } from "/desk/static/api.js";

const byId = (id) => document.getElementById(id);

export class Login {
  // `enter` is called with the answer of /me when somebody is in; `shell` is the id of the page's main part.
  constructor({ shell, enter }) {
    Object.assign(this, { shell, enter });
    byId("login-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.logIn();
    });
    byId("logout").addEventListener("click", () => this.logOut());
  }

  async begin() {
    try {
      const me = await ask("/me");
      if (!me.name) return this.show();
      byId("login").hidden = true;
      byId(this.shell).hidden = false;
      this.inside = true;
      await this.enter(me);
    } catch (refusal) {
      this.show(refusal.message);
    }
  }

  // Show the login, with what went wrong. Everything of a session that was open goes with the page.
  show(fault = "") {
    if (this.inside) location.replace(location.pathname);
    byId(this.shell).hidden = true;
    byId("login").hidden = false;
    byId("login-fault").textContent = fault;
    byId("login-fault").hidden = !fault;
    byId("login-name").focus();
  }

  async logIn() {
    try {
      await ask("/login", { name: byId("login-name").value.trim(), password: byId("login-password").value });
    } catch (refusal) {
      const known = [401, 403, 429].includes(refusal.status);
      return this.show(t(known ? `desk.login.${refusal.status}` : "desk.login.failed"));
    }
    byId("login-password").value = "";
    await this.begin();
  }

  async logOut() {
    try {
      await ask("/logout", {});
    } finally {
      location.replace(location.pathname);
    }
  }
}
