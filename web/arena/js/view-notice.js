// What stands on the stage when no battle does, and the pointer onwards when one is over.

import { element, fill, show } from "./dom.js";
import { mostInteresting } from "./feed.js";
import { letter } from "./lettering.js";
import { PHASES } from "./store.js";
import { refusalWords } from "./words.js";

export class NoticeView {
  #root;
  #clock;
  #actions;
  #drawn = null;

  /** `actions` has `retry()`. */
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

  #next(state) {
    const { feed, battleId } = state;
    const others = Object.fromEntries(PHASES.map((phase) => [phase, {
      items: phase === "completed"
        ? []
        : (feed[phase].items ?? []).filter((battle) => battle.id !== battleId),
    }]));
    const id = mostInteresting(others, this.#clock.serverNow());
    if (!id) return [null, null];
    const battle = PHASES.flatMap((phase) => others[phase].items).find((item) => item.id === id);
    return [`next ${id} ${battle.status}`, () => element(
      "p",
      { class: "onwards" },
      battle.status === "upcoming" ? "Next on the card: " : "On right now: ",
      element("a", { href: `#battle=${encodeURIComponent(id)}` }, battle.title),
    )];
  }
}

function panel(title, words, action) {
  const heading = element("h1", { class: "title" });
  letter(heading, title);
  return element("div", { class: "panel-notice" }, heading, element("p", {}, words), action);
}
