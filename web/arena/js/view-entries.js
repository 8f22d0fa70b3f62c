// The verses of the battle, a card each; cards stay in place while people aim at their buttons.

import { element, fill, setText, show } from "./dom.js";
import { letter } from "./lettering.js";
import { CardView } from "./view-card.js";

export class EntriesView {
  #root;
  #actions;
  #clock;
  #heading = element("h2", { class: "section-title", id: "verses" });
  #empty = element("p", { class: "empty" });
  #grid = element("div", { class: "cards" });
  #more = element("button", {
    class: "button is-quiet", type: "button", onclick: () => this.#actions.moreEntries(),
  }, "Show more verses");
  #cards = new Map();
  #battleId = null;

  constructor(root, clock, actions) {
    this.#root = root;
    this.#clock = clock;
    this.#actions = actions;
    fill(root, this.#heading, this.#empty, this.#grid, this.#more);
  }

  render(state) {
    show(this.#root, state.battle !== null);
    if (!state.battle) return;
    if (state.battleId !== this.#battleId) {
      this.#battleId = state.battleId;
      this.#cards.clear();
      fill(this.#grid);
    }
    const entries = inOrder(state);
    this.#dropMissing(entries);
    const now = this.#clock.serverNow();
    entries.forEach((entry, index) => this.#place(state, entry, index, now));
    this.#grid.classList.toggle("is-duel", entries.length === 2);
    letter(this.#heading, state.battle.status === "completed" ? "How they stood" : "The verses");
    show(this.#empty, entries.length === 0);
    setText(this.#empty, emptyWords(state));
    show(this.#more, state.entriesCursor !== null);
  }

  #dropMissing(entries) {
    const wanted = new Set(entries.map((entry) => entry.id));
    for (const [id, card] of this.#cards) {
      if (wanted.has(id)) continue;
      card.node.remove();
      this.#cards.delete(id);
    }
  }

  #place(state, entry, index, now) {
    let card = this.#cards.get(entry.id);
    if (!card) {
      card = new CardView(entry.id, this.#actions);
      this.#cards.set(entry.id, card);
    }
    // Moving a node drops its focus, so only a card out of place is moved.
    const there = this.#grid.children[index];
    if (there !== card.node) this.#grid.insertBefore(card.node, there ?? null);
    card.render(state, entry, now);
  }
}

// By rank once it is settled; until then as they came, the visitor's draft left to the form.
function inOrder(state) {
  const entries = [...state.entries.values()].filter((entry) => entry.status === "submitted");
  const ranking = state.results?.ranking;
  if (!ranking) return entries;
  const ranks = new Map(ranking.map((row) => [row.entryId, row.rank]));
  return entries.sort((a, b) => (ranks.get(a.id) ?? Infinity) - (ranks.get(b.id) ?? Infinity));
}

function emptyWords(state) {
  if (!state.entriesLoaded) return "Fetching the verses…";
  switch (state.battle.status) {
    case "upcoming":
      return "The mics are still off. Verses come in when the battle opens.";
    case "active":
      return "No verse yet. The first one to the mic sets the tone.";
    default:
      return "Nobody stepped up to the mic.";
  }
}
