// The corner with the visitor's name, and the dialog that signs in through the development issuer.

import { element, fill, setText, show } from "./dom.js";
import { emblem } from "./paint.js";
import { faultsOf, refusalWords } from "./words.js";

const NO_ISSUER = "This is a production server: people sign in through the front end, not here.";

export class SessionView {
  #root;
  #session;
  #drawn = null;
  #dialog = element("dialog", { class: "dialog", "aria-labelledby": "sign-in-title" });
  #name = element("input", {
    id: "ring-name",
    name: "username",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    maxlength: "32",
    "aria-describedby": "ring-name-hint ring-name-fault",
  });
  #fault = element("p", { class: "fault", id: "ring-name-fault", role: "alert" });
  #enter = element("button", { class: "button", type: "submit" }, "Step in");

  constructor(root, session) {
    this.#root = root;
    this.#session = session;
    this.#buildDialog();
    document.body.append(this.#dialog);
  }

  render({ session, issuer }) {
    const drawn = `${session.status} ${session.user?.displayName} ${issuer} ${session.notice}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    if (session.status === "signedIn") this.#drawUser(session.user);
    else if (session.status === "anonymous") this.#drawVisitor(issuer, session.notice);
  }

  /** Opens the dialog, where there is an issuer to ask. */
  open() {
    this.#fault.textContent = "";
    this.#name.removeAttribute("aria-invalid");
    this.#dialog.showModal();
    this.#name.focus();
  }

  #drawUser(user) {
    const name = user.displayName ?? user.username ?? "you";
    fill(
      this.#root,
      emblem(name),
      element("span", { class: "user-name" }, name),
      element(
        "button",
        { class: "button is-quiet", type: "button", onclick: () => this.#session.signOut() },
        "Sign out",
      ),
    );
  }

  #drawVisitor(issuer, notice) {
    const note = issuer === "absent" ? NO_ISSUER : notice;
    fill(
      this.#root,
      note && element("p", { class: "user-note", role: "status" }, note),
      issuer === "open" && element(
        "button",
        { class: "button", type: "button", onclick: () => this.open() },
        "Sign in",
      ),
    );
  }

  #buildDialog() {
    const form = element(
      "form",
      { class: "form", novalidate: true, onsubmit: (event) => this.#submit(event) },
      element("h2", { id: "sign-in-title" }, "Who steps in?"),
      element("label", { for: "ring-name" }, "Ring name"),
      this.#name,
      element(
        "p",
        { class: "hint", id: "ring-name-hint" },
        "Optional. This server runs in development: any free name gets you in, for this tab only.",
      ),
      this.#fault,
      element(
        "div",
        { class: "form-actions" },
        this.#enter,
        element(
          "button",
          { class: "button is-quiet", type: "button", onclick: () => this.#dialog.close() },
          "Cancel",
        ),
      ),
    );
    show(this.#fault, true);
    fill(this.#dialog, form);
  }

  async #submit(event) {
    event.preventDefault();
    this.#enter.disabled = true;
    setText(this.#enter, "Stepping in…");
    try {
      await this.#session.signIn(this.#name.value.trim());
      this.#dialog.close();
    } catch (error) {
      this.#name.setAttribute("aria-invalid", "true");
      this.#fault.textContent = signInWords(error);
    } finally {
      this.#enter.disabled = false;
      setText(this.#enter, "Step in");
    }
  }
}

function signInWords(error) {
  if (error.status === 404) return NO_ISSUER;
  const faults = faultsOf(error);
  if (faults.length) return `The name ${faults[0].message}.`;
  if (error.status === 409) return "That name is taken. Try another.";
  if (error.code === "no_answer") return "The server did not answer. Try again.";
  return refusalWords(error);
}
