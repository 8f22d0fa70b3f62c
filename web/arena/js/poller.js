// Keeps an anonymous visitor's page moving by asking now and then, within the rate limit.

// Together at most some 32 questions a minute: half of what an address may ask without signing in.
const TURN_MS = 4_000;
const BATTLE_EVERY_TURNS = 2;
const FEED_EVERY_TURNS = 2;
const ENTRIES_EVERY_TURNS = 5;
const LONGEST_WAIT_MS = 30_000;

export class Poller {
  #store;
  #room;
  #feed;
  #timer = null;
  #running = false;
  #turn = 0;
  #failures = 0;

  constructor(store, room, feed) {
    this.#store = store;
    this.#room = room;
    this.#feed = feed;
    document.addEventListener("visibilitychange", () => this.retryNow());
    window.addEventListener("online", () => this.retryNow());
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#failures = 0;
    this.#say({ status: "polling", retryAt: null, reason: null });
    this.#schedule(TURN_MS);
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  retryNow() {
    if (this.#running && !document.hidden) this.#schedule(0);
  }

  #schedule(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), wait);
  }

  async #ask() {
    // A page that nobody sees asks nothing; coming back to it asks at once.
    if (!this.#running || document.hidden) return;
    this.#turn += 1;
    const entriesBefore = this.#store.state.battle?.entryCount;
    if (this.#turn % BATTLE_EVERY_TURNS === 0 || this.#failures > 0) {
      await this.#room.refreshBattle();
    } else await this.#room.refreshTally();
    const { battle, battleError, feedError } = this.#store.state;
    const failure = battleError ?? feedError;
    const grown = battle?.entryCount !== entriesBefore;
    if (!failure && (grown || this.#turn % ENTRIES_EVERY_TURNS === 0)) {
      await this.#room.refreshEntries();
    }
    if (failure || this.#turn % FEED_EVERY_TURNS === 1) await this.#feed.readInTurn();
    if (this.#running) this.#next();
  }

  #next() {
    const { battleError, feedError } = this.#store.state;
    const failure = [battleError, feedError].find((error) => error && isPassing(error));
    if (!failure) {
      this.#failures = 0;
      this.#say({ status: "polling", retryAt: null, reason: null });
      this.#schedule(TURN_MS);
      return;
    }
    this.#failures += 1;
    const grown = Math.min(TURN_MS * 1.5 ** (this.#failures - 1), LONGEST_WAIT_MS);
    const wait = Math.max(grown, (failure.retryAfter ?? 0) * 1000);
    const status = navigator.onLine ? "waiting" : "offline";
    this.#say({ status, retryAt: Date.now() + wait, reason: failure.message });
    this.#schedule(wait);
  }

  #say(link) {
    this.#store.update({ link });
  }
}

function isPassing(error) {
  return error.status === 0 || error.status === 429 || error.status >= 500;
}
