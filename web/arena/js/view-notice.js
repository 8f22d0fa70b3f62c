// What stands on the stage when no battle does, and the pointer onwards when one is over.

import { element, fill, setText, show } from "./dom.js";
import { letter } from "./lettering.js";
import { nextBattle } from "./onward.js";
import { PHASES } from "./store.js";
import { refusalWords } from "./words.js";

export class NoticeView {
  #root;
  #clock;
  #actions;
  #drawn = null;
  #seconds = element("span", { class: "onwards-seconds", hidden: true });
  #stay = element("button", {
    class: "unfold", type: "button", hidden: true, onclick: () => this.#actions.stay(),
  }, "Stay here");

  /** `actions` has `retry()` and `stay()`. */
  constructor(root, clock, actions) {
    this.#root = root;
    this.#clock = clock;
    this.#actions = actions;
  }

  render(state) {
    const [key, content] = this.#choose(state);
    show(this.#root, key !== null);
    if (key === this.#drawn) return;
    this.#drawn = key;
    fill(this.#root, content?.());
  }

  #choose(state) {
    const { battle, battleError, battleId, feed, feedError } = state;
    if (battle && ["completed", "cancelled"].includes(battle.status)) return this.#next(state);
    if (battle) return [null, null];
    if (battleError?.status === 404 || battleError?.status === 400) {
      return ["missing", () => panel(
        "No such battle",
        "The link leads nowhere: this battle does not exist, or it is not yours to see.",
        element("a", { class: "button", href: "#" }, "See what is on"),
      )];
    }
    const error = battleError ?? (battleId ? null : feedError);
    if (error) {
      const words = refusalWords(error);
      return [`error ${words}`, () => panel("Lights out", words, element(
        "button",
        { class: "button", type: "button", onclick: () => this.#actions.retry() },
        "Try again",
      ))];
    }
    if (battleId) return ["loading", () => panel("Hold tight", "Fetching the battle…")];
    const loaded = PHASES.every((phase) => feed[phase].items !== null);
    if (!loaded) return ["loading", () => panel("Hold tight", "Looking for a battle…")];
    return ["empty", () => panel(
      "The ring is empty",
      "No battle is on the card. The first one is called with POST /api/v1/battles.",
      element("a", { class: "button", href: "/docs" }, "Read the API"),
    )];
  }

  /** Moves the seconds that are left until the page goes on by itself. */
  tick({ onwardAt }) {
    const left = onwardAt === null ? null : Math.max(0, Math.ceil((onwardAt - Date.now()) / 1000));
    setText(this.#seconds, left === null ? "" : `Going there in ${left} s.`);
    show(this.#seconds, left !== null);
    show(this.#stay, left !== null);
  }

  #next(state) {
    const battle = nextBattle(state, this.#clock.serverNow());
    if (battle === null) return [null, null];
    return [`next ${battle.id} ${battle.status}`, () => element(
      "div",
      { class: "onwards" },
      element(
        "p",
        {},
        battle.status === "upcoming" ? "Next on the card: " : "On right now: ",
        element("a", { href: `#battle=${encodeURIComponent(battle.id)}` }, battle.title),
      ),
      this.#seconds,
      this.#stay,
    )];
  }
}

function panel(title, words, action) {
  const heading = element("h1", { class: "title" });
  letter(heading, title);
  return element("div", { class: "panel-notice" }, heading, element("p", {}, words), action);
}
