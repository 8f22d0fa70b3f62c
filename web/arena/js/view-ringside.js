// Ringside: who is watching, and a log of what just happened.

import { element, fill, setText, show } from "./dom.js";
import { letter } from "./lettering.js";
import { emblem } from "./paint.js";
import { clockTime, plural } from "./words.js";

const SHOWN_WATCHERS = 12;

export class WatchersView {
  #root;
  #count = element("p", { class: "watchers-count" });
  #names = element("ul", { class: "watchers", "aria-label": "Watching" });
  #drawn = null;

  constructor(root) {
    this.#root = root;
    const heading = element("h2", { class: "section-title", id: "watchers-title" });
    letter(heading, "Ringside");
    fill(root, heading, this.#count, this.#names);
  }

  render(state) {
    const { presence, session } = state;
    if (!presence) {
      const isLive = session.status === "signedIn";
      setText(this.#count, isLive ? "Counting heads…" : "Sign in to see who is watching.");
      show(this.#names, false);
      return;
    }
    setText(this.#count, `${plural(presence.count, "person", "people")} watching`);
    const shown = presence.users.slice(0, SHOWN_WATCHERS);
    show(this.#names, shown.length > 0);
    const key = shown.map((user) => `${user.id}${user.displayName}`).join();
    if (key === this.#drawn) return;
    this.#drawn = key;
    const names = shown.map((user) => user.displayName ?? "?");
    fill(this.#names, names.map((name) =>
      element("li", {}, emblem(name), element("span", {}, name))));
  }
}

export class LogView {
  #list = element("ol", { class: "log" });
  #root;
  #drawn = null;

  constructor(root) {
    this.#root = root;
    fill(root, this.#list);
  }

  render(state) {
    show(this.#root, state.log.length > 0);
    if (state.log === this.#drawn) return;
    this.#drawn = state.log;
    fill(this.#list, state.log.map((line) =>
      element(
        "li",
        { class: `log-line is-${line.kind}` },
        element("time", { datetime: new Date(line.at).toISOString() }, clockTime(line.at)),
        element("span", {}, line.text),
      )));
  }
}
