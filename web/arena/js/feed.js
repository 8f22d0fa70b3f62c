// The card of battles by phase: reads it, moves battles along as their steps are heard.

import { PHASES } from "./store.js";
import { nextStep } from "./phase.js";

const PAGE = 6;
// A busy night must not eat up the caller's allowance of 100 requests a minute.
const READ_EVERY_MS = 8_000;
const GATHER_MS = 300;
const LASTING_MS = 15_000;

const SORTS = {
  voting: "endingSoon",
  active: "endingSoon",
  upcoming: "endingSoon",
  completed: "newest",
};

const PHASE_OF_NEWS = {
  "battle.created": "upcoming",
  "battle.updated": "upcoming",
};

const STATUS_AFTER = {
  "battle.activated": "active",
  "battle.votingStarted": "voting",
  "battle.completed": "completed",
  "battle.cancelled": "cancelled",
};

export class Feed {
  #api;
  #store;
  #timer = null;
  #stale = new Set();
  #readAt = 0;
  #turn = 0;

  constructor(api, store) {
    this.#api = api;
    this.#store = store;
  }

  /** Reads the first page of every phase. */
  async readAll() {
    this.#readAt = Date.now();
    await Promise.all(PHASES.map((phase) => this.read(phase)));
  }

  /** Reads one phase after the other, for a poll that must stay within its allowance. */
  readInTurn() {
    this.#turn = (this.#turn + 1) % PHASES.length;
    return this.read(PHASES[this.#turn]);
  }

  async read(phase) {
    try {
      const page = await this.#api.get(pathOf(phase));
      this.#put(phase, page.items, page.nextCursor, null);
    } catch (error) {
      this.#store.update({ feedError: error });
    }
  }

  /** Adds the next page of a phase. */
  async readMore(phase) {
    const { items, nextCursor } = this.#store.state.feed[phase];
    if (!nextCursor) return;
    const cursor = encodeURIComponent(nextCursor);
    try {
      const page = await this.#api.get(`${pathOf(phase)}&cursor=${cursor}`);
      const known = new Set(items.map((battle) => battle.id));
      const added = page.items.filter((battle) => !known.has(battle.id));
      this.#put(phase, [...items, ...added], page.nextCursor, null);
    } catch (error) {
      this.#store.update({ feedError: error });
    }
  }

  /** A message of the `battles` channel: move the battle now, read the lists soon. */
  take(message) {
    const id = message.data?.battleId ?? message.data?.battle?.id ?? message.data?.id;
    const status = STATUS_AFTER[message.type];
    if (id && status) this.#move(id, status);
    const phase = status ?? PHASE_OF_NEWS[message.type];
    if (PHASES.includes(phase)) this.#readSoon(phase);
  }

  // Many battles step at once; the lists they came to are read together, once in a while.
  #readSoon(phase) {
    this.#stale.add(phase);
    if (this.#timer !== null) return;
    const wait = Math.max(GATHER_MS, this.#readAt + READ_EVERY_MS - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#readAt = Date.now();
      const phases = [...this.#stale];
      this.#stale.clear();
      for (const stale of phases) this.read(stale);
    }, wait);
  }

  #move(id, status) {
    const { feed } = this.#store.state;
    let moved = null;
    for (const phase of PHASES) {
      const { items } = feed[phase];
      if (items === null) continue;
      const found = items.find((battle) => battle.id === id);
      if (!found) continue;
      moved = found;
      feed[phase] = { ...feed[phase], items: items.filter((battle) => battle !== found) };
      // The page that it left has room for the next one.
      if (phase !== status && feed[phase].nextCursor !== null) this.#readSoon(phase);
    }
    if (moved && feed[status]?.items) {
      feed[status].items = [{ ...moved, status }, ...feed[status].items];
    }
    this.#store.changed();
  }

  #put(phase, items, nextCursor, feedError) {
    const { feed } = this.#store.state;
    feed[phase] = { items, nextCursor };
    this.#store.update({ feedError });
  }
}

/** The battle worth looking at first: the liveliest vote, then open mics, then what comes. */
export function mostInteresting(feed, now) {
  for (const phase of PHASES) {
    const items = feed[phase].items ?? [];
    const lasting = items.filter((battle) => {
      const step = nextStep(battle, now);
      return step === null || step.at - now > LASTING_MS;
    });
    const best = [...(lasting.length ? lasting : items)].sort(byInterest)[0];
    if (best) return best.id;
  }
  return null;
}

function pathOf(phase) {
  return `/battles?status=${phase}&sort=${SORTS[phase]}&limit=${PAGE}`;
}

function byInterest(a, b) {
  return (b.voteCount ?? 0) - (a.voteCount ?? 0) || (b.entryCount ?? 0) - (a.entryCount ?? 0);
}
