// Leads a visitor who asked for no battle in particular from one that is over to one that is on.

import { mostInteresting } from "./feed.js";
import { PHASES } from "./store.js";

const STAY_MS = 20_000;
const OVER = ["completed", "cancelled"];

export class Onward {
  #store;
  #clock;
  #open;
  #stayedWith = null;

  /** `open(battleId)` puts a battle on the stage. */
  constructor(store, clock, open) {
    this.#store = store;
    this.#clock = clock;
    this.#open = open;
  }

  /** The visitor wants to go on looking at the battle that is over. */
  stay() {
    this.#stayedWith = this.#store.state.battleId;
    this.#store.update({ onwardAt: null });
  }

  /** Counts down and moves on; called often. */
  tick() {
    const { state } = this.#store;
    const next = this.#isWanted(state) ? nextBattle(state, this.#clock.serverNow()) : null;
    if (next === null || next.status === "upcoming") {
      if (state.onwardAt !== null) this.#store.update({ onwardAt: null });
      return;
    }
    const now = Date.now();
    if (state.onwardAt === null) this.#store.update({ onwardAt: now + STAY_MS });
    else if (now >= state.onwardAt) this.#open(next.id);
  }

  #isWanted({ battle, battleId }) {
    return battle !== null
      && OVER.includes(battle.status)
      && this.#stayedWith !== battleId
      && !/^#battle=/.test(location.hash)
      && !document.hidden;
  }
}

/** The best battle beside the one on the stage that is not over yet, or null. */
export function nextBattle({ feed, battleId }, now) {
  const others = Object.fromEntries(PHASES.map((phase) => [phase, {
    items: phase === "completed"
      ? []
      : (feed[phase].items ?? []).filter((battle) => battle.id !== battleId),
  }]));
  const id = mostInteresting(others, now);
  return PHASES.flatMap((phase) => others[phase].items).find((battle) => battle.id === id) ?? null;
}
