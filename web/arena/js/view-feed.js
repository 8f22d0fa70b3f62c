// The card of the night: battles by phase, each with the time to its next step.

import { element, fill, setText, show } from "./dom.js";
import { letter } from "./lettering.js";
import { nextStep, totalVotes } from "./phase.js";
import { PHASES } from "./store.js";
import { BATTLE_TYPES, dayAndTime, PHASE_NAMES, plural, refusalWords, remaining } from "./words.js";

const EMPTY = {
  voting: "No vote running.",
  active: "No open mics.",
  upcoming: "Nothing on the card.",
  completed: "No crown given yet.",
};

export class FeedView {
  #root;
  #feed;
  #groups = new Map();
  #error = element("p", { class: "fault", role: "status", hidden: true });

  constructor(root, feed) {
    this.#root = root;
    this.#feed = feed;
    const heading = element("h2", { class: "section-title", id: "feed-title" });
    letter(heading, "The card");
    fill(root, heading, this.#error, PHASES.map((phase) => this.#group(phase)));
  }

  render(state) {
    show(this.#error, state.feedError !== null);
    if (state.feedError) setText(this.#error, refusalWords(state.feedError));
    for (const phase of PHASES) this.#renderGroup(phase, state);
  }

  /** Moves the small countdowns; `now` is server time in milliseconds. */
  tick(now) {
    for (const group of this.#groups.values()) {
      for (const { battle, time } of group.rows.values()) {
        const step = nextStep(battle, now);
        const end = Date.parse(battle.votingEndTime);
        setText(time, step ? remaining(step.at - now) : dayAndTime(end));
      }
    }
  }

  #group(phase) {
    const list = element("ul", { class: "feed-list" });
    const empty = element("p", { class: "feed-empty" }, "…");
    const more = element("button", {
      class: "unfold", type: "button", hidden: true, onclick: () => this.#feed.readMore(phase),
    }, "More");
    this.#groups.set(phase, { list, empty, more, rows: new Map() });
    return element(
      "section",
      { class: `feed-group is-${phase}`, "aria-label": PHASE_NAMES[phase] },
      element("h3", { class: "feed-phase" }, PHASE_NAMES[phase]),
      empty, list, more,
    );
  }

  #renderGroup(phase, state) {
    const group = this.#groups.get(phase);
    const { items, nextCursor } = state.feed[phase];
    if (items === null) return;
    show(group.empty, items.length === 0);
    setText(group.empty, EMPTY[phase]);
    show(group.more, nextCursor !== null && items.length > 0);
    const wanted = new Set(items.map((battle) => battle.id));
    for (const [id, row] of group.rows) {
      if (wanted.has(id)) continue;
      row.node.remove();
      group.rows.delete(id);
    }
    items.forEach((battle, index) => {
      const row = group.rows.get(battle.id) ?? feedRow(battle.id);
      group.rows.set(battle.id, row);
      const there = group.list.children[index];
      if (there !== row.node) group.list.insertBefore(row.node, there ?? null);
      renderRow(row, freshest(battle, state), battle.id === state.battleId);
    });
  }
}

// The battle on the stage is known better than the list that named it.
function freshest(battle, state) {
  if (battle.id !== state.battle?.id) return battle;
  return { ...battle, ...state.battle, voteCount: totalVotes(state), status: battle.status };
}

function feedRow(id) {
  const title = element("span", { class: "feed-title" });
  const facts = element("span", { class: "feed-facts" });
  const time = element("span", { class: "feed-time" });
  const link = element(
    "a", { class: "feed-link", href: `#battle=${encodeURIComponent(id)}` }, title, time, facts,
  );
  return { title, facts, time, link, battle: null, node: element("li", {}, link) };
}

function renderRow(row, battle, isOnStage) {
  row.battle = battle;
  setText(row.title, battle.title);
  const votes = battle.voteCount === null || battle.voteCount === undefined
    ? "sealed"
    : plural(battle.voteCount, "vote");
  const type = BATTLE_TYPES[battle.battleType] ?? battle.battleType;
  setText(row.facts, `${type} · ${plural(battle.entryCount ?? 0, "verse")} · ${votes}`);
  if (isOnStage) row.link.setAttribute("aria-current", "true");
  else row.link.removeAttribute("aria-current");
}
