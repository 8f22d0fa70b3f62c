// What the page knows, in one object; whoever changes it says so and the views draw once a frame.

const LOG_LINES = 40;

export const PHASES = ["voting", "active", "upcoming", "completed"];

/** The state before anything was loaded. */
function initialState() {
  return {
    session: { status: "unknown", user: null, notice: null },
    issuer: "unknown",
    link: { status: "connecting", retryAt: null, reason: null },
    battleId: null,
    ...emptyBattle(),
    feed: Object.fromEntries(PHASES.map((phase) => [phase, { items: null, nextCursor: null }])),
    feedError: null,
    onwardAt: null,
    log: [],
  };
}

/** The part that belongs to the battle on the stage. */
export function emptyBattle() {
  return {
    battle: null,
    battleError: null,
    entries: new Map(),
    entriesCursor: null,
    entriesLoaded: false,
    tally: null,
    results: null,
    bracket: null,
    votes: new Map(),
    presence: null,
  };
}

export class Store {
  #state = initialState();
  #listeners = [];
  #scheduled = false;

  get state() {
    return this.#state;
  }

  /** Takes over the given fields; views hear of it at the next frame. */
  update(fields) {
    Object.assign(this.#state, fields);
    this.changed();
  }

  /** Says that something inside the state was changed in place. */
  changed() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A page in the background draws no frames; a timer keeps its title and state honest there.
    const schedule = document.hidden ? (draw) => setTimeout(draw, 250) : requestAnimationFrame;
    schedule(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener(this.#state);
    });
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** Adds a line to the ringside log; `at` is server time in milliseconds. */
  record(text, at, kind = "plain") {
    this.#state.log = [{ text, at, kind }, ...this.#state.log].slice(0, LOG_LINES);
    this.changed();
  }
}
