// The status strip: live, reconnecting in n seconds, offline, or watching by asking now and then.

import { element, fill, setAttribute, setText, show } from "./dom.js";

const HEARD = {
  connecting: "Connecting",
  waiting: "Connection lost. Reconnecting",
};

export class LinkView {
  #root;
  #words = element("span", { class: "link-words" });
  #reason = element("span", { class: "link-reason" });
  // Listeners hear each change of state once, not every second of the countdown.
  #heard = element("span", { class: "only-heard", role: "status" });
  #action = element("button", { class: "link-action", type: "button", onclick: () => this.#act() });
  #actions;
  #acting = null;

  /** `actions` has `retry()` and `signIn()`. */
  constructor(root, actions) {
    this.#root = root;
    this.#actions = actions;
    fill(
      root,
      element("span", { class: "link-lamp", "aria-hidden": "true" }),
      this.#words,
      this.#reason,
      this.#action,
      this.#heard,
    );
  }

  render(state) {
    const { link, session, issuer } = state;
    setAttribute(this.#root, "data-status", link.status);
    const [words, acting] = describe(link, session, issuer);
    setText(this.#words, words);
    setText(this.#heard, HEARD[link.status] ?? words);
    setText(this.#reason, link.status === "waiting" ? link.reason ?? "" : "");
    this.#acting = acting;
    show(this.#action, acting !== null);
    setText(this.#action, acting === "retry" ? "Try now" : "Sign in to go live");
  }

  #act() {
    this.#actions[this.#acting]?.();
  }
}

function describe(link, session, issuer) {
  switch (link.status) {
    case "live":
      return ["Live", null];
    case "polling":
      return [
        "Not signed in: the page asks every 4 s",
        issuer === "open" ? "signIn" : null,
      ];
    case "connecting":
      return ["Connecting…", null];
    case "waiting": {
      const seconds = Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1000));
      const verb = session.status === "signedIn" ? "Reconnecting" : "Asking again";
      return [seconds > 0 ? `${verb} in ${seconds} s` : `${verb} now…`, "retry"];
    }
    case "offline":
      return ["Offline: this device has no network", "retry"];
    default:
      return [`Refused: ${link.reason}`, null];
  }
}
