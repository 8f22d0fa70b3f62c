// The battle on the stage: loads it, takes in what the socket and the polls bring, in right order.

import { emptyBattle } from "./store.js";
import { nextStep } from "./phase.js";
import { plural } from "./words.js";

const PAGE = 50;
const RESULTS_RETRY_MS = 700;
const RESULTS_TRIES = 8;
const LATE_STEP_MS = 1_500;
const LATE_STEP_EVERY_MS = 3_000;

const STEPS = {
  "battle.activated": { status: "active", words: "Mics are open" },
  "battle.votingStarted": { status: "voting", words: "Voting is on" },
  "battle.completed": { status: "completed", words: "Time. The count is closed" },
  "battle.cancelled": { status: "cancelled", words: "The battle was called off" },
};

export class Room {
  #api;
  #store;
  #clock;
  #resultsTimer = null;
  #lateCheckAt = 0;
  #leader = null;

  constructor(api, store, clock) {
    this.#api = api;
    this.#store = store;
    this.#clock = clock;
  }

  get channel() {
    const { battleId } = this.#store.state;
    return battleId ? `battle:${battleId}` : null;
  }

  /** Puts a battle on the stage. */
  async open(battleId) {
    clearTimeout(this.#resultsTimer);
    this.#leader = null;
    this.#store.update({ battleId, ...emptyBattle(), log: [] });
    await this.reload();
  }

  /** Reads battle, entries and count anew. */
  async reload() {
    const { battleId } = this.#store.state;
    if (!battleId) return;
    await this.refreshBattle();
    if (!this.#isStill(battleId) || this.#store.state.battle === null) return;
    await Promise.all([this.refreshEntries(), this.refreshTally()]);
  }

  async refreshBattle() {
    const { battleId } = this.#store.state;
    if (!battleId) return;
    try {
      const battle = await this.#api.get(`/battles/${encodeURIComponent(battleId)}`);
      if (!this.#isStill(battleId)) return;
      this.#store.update({ battle, battleError: null });
      if (battle.battleType === "tournament") this.#readBracket(battleId);
      if (battle.status === "completed" && !this.#store.state.results) this.#readResults();
    } catch (error) {
      if (this.#isStill(battleId)) this.#store.update({ battleError: error });
    }
  }

  /** Reads the first page of entries, or with `more` the one after those already here. */
  async refreshEntries(more = false) {
    const { battleId, entriesCursor } = this.#store.state;
    if (!battleId) return;
    const cursor = more && entriesCursor ? `&cursor=${encodeURIComponent(entriesCursor)}` : "";
    try {
      const page = await this.#api.get(
        `/battles/${encodeURIComponent(battleId)}/entries?sort=top&limit=${PAGE}${cursor}`,
      );
      if (this.#isStill(battleId)) this.#takeEntries(page, more);
      await this.#readOwnEntry(battleId);
    } catch (error) {
      if (this.#isStill(battleId)) this.#store.update({ battleError: error });
    }
  }

  async refreshTally() {
    const { battleId, battle } = this.#store.state;
    if (!battle || battle.status === "upcoming" || battle.status === "cancelled") return;
    try {
      const tally = await this.#api.get(`/battles/${encodeURIComponent(battleId)}/tally`);
      if (this.#isStill(battleId)) this.#takeTally(tally);
    } catch {
      // The count that is shown stays; the next message or poll brings a newer one.
    }
  }

  /** Takes a message of the battle's channel. */
  take(message) {
    const { data = {}, timestamp, type } = message;
    if (type === "battle.tally") this.#takeTally(data);
    else if (type === "battle.newEntry") this.#takeNewEntry(data, timestamp);
    else if (type === "battle.result") this.#readResults();
    else if (type?.startsWith("battle.round")) this.#takeRound(data, type, timestamp);
    else if (STEPS[type]) this.#takeStep(STEPS[type], timestamp);
  }

  /** Takes what `subscribed` brought; true when nothing has to be read again. */
  takeSnapshot(answer) {
    const tally = answer.snapshot?.tally ?? answer.snapshot;
    if (Array.isArray(tally?.entries) && tally.entries.every((row) => row.entryId)) {
      this.#takeTally(tally);
    }
    return answer.recovered === true && this.#store.state.battle !== null;
  }

  /** A step whose message is overdue is looked up, so that no lost message can freeze the page. */
  watchDeadline() {
    const { battle } = this.#store.state;
    const now = this.#clock.serverNow();
    const step = battle ? nextStep(battle, now) : null;
    if (!step || now < step.at + LATE_STEP_MS || now < this.#lateCheckAt) return;
    this.#lateCheckAt = now + LATE_STEP_EVERY_MS;
    this.refreshBattle();
  }

  /** An entry that this page itself changed. */
  putEntry(entry) {
    this.#store.state.entries.set(entry.id, entry);
    this.#store.changed();
  }

  #takeStep(step, timestamp) {
    const { battle } = this.#store.state;
    if (!battle) return;
    if (battle.status !== step.status) {
      this.#store.record(step.words, timestamp ?? this.#clock.serverNow(), "step");
      this.#store.update({ battle: { ...battle, status: step.status } });
    }
    this.refreshBattle();
    if (step.status === "completed") this.#readResults();
    else this.refreshEntries();
  }

  #takeRound({ round, rounds }, type, timestamp) {
    const name = round === rounds ? "The final" : `Round ${round}`;
    const words = type === "battle.roundStarted" ? `${name} votes` : `${name} is decided`;
    this.#store.record(words, timestamp ?? this.#clock.serverNow(), "step");
    this.refreshBattle();
  }

  async #readBracket(battleId) {
    try {
      const bracket = await this.#api.get(`/battles/${encodeURIComponent(battleId)}/bracket`);
      if (this.#isStill(battleId)) this.#store.update({ bracket });
    } catch {
      // The bracket that is shown stays; the next message or poll brings a newer one.
    }
  }

  #takeNewEntry(data, timestamp) {
    const entry = data.entry ?? data;
    const known = this.#store.state.entries.has(entry.id ?? entry.entryId);
    if (entry.content && entry.id) this.putEntry({ status: "submitted", ...entry });
    else this.refreshEntries();
    const { battle } = this.#store.state;
    if (known || !battle) return;
    this.#store.update({ battle: { ...battle, entryCount: (battle.entryCount ?? 0) + 1 } });
    const name = entry.author?.displayName ?? "Someone";
    this.#store.record(`${name} grabs the mic`, timestamp ?? this.#clock.serverNow(), "entry");
  }

  // Sorted by time when all are here, so that a duel reads left to right; later pages go below.
  #takeEntries(page, more) {
    const { state } = this.#store;
    const complete = !more && !page.nextCursor;
    const items = complete ? [...page.items].sort(bySubmission) : page.items;
    const listed = new Map(items.map((entry) => [entry.id, entry]));
    const entries = new Map();
    for (const [id, entry] of state.entries) {
      if (listed.has(id)) entries.set(id, listed.get(id));
      else if (!complete || entry.status === "draft") entries.set(id, entry);
    }
    for (const [id, entry] of listed) entries.set(id, entry);
    const first = !state.entriesLoaded;
    const cursor = more || first ? page.nextCursor : state.entriesCursor;
    this.#store.update({ entries, entriesLoaded: true, entriesCursor: cursor });
  }

  // A draft, or a verse that is still being checked, stands in no list but its owner may read it.
  async #readOwnEntry(battleId) {
    const id = this.#store.state.battle?.viewer?.entryId;
    if (!id || this.#store.state.entries.has(id)) return;
    const entry = await this.#api.get(`/entries/${encodeURIComponent(id)}`);
    if (this.#isStill(battleId)) this.putEntry(entry);
  }

  #takeTally(tally) {
    const { state } = this.#store;
    const asOf = tally.asOf ? Date.parse(tally.asOf) : this.#clock.serverNow();
    if (state.tally && asOf < state.tally.asOf) return;
    const votes = new Map(state.tally?.votes ?? []);
    const ranks = new Map();
    for (const row of tally.entries ?? []) {
      votes.set(row.entryId, row.votes);
      ranks.set(row.entryId, row.rank);
    }
    this.#store.update({ tally: { totalVotes: tally.totalVotes, votes, ranks, asOf } });
    this.#noticeLead(tally.entries ?? [], asOf);
    const unknown = (tally.entries ?? []).some((row) => !state.entries.has(row.entryId));
    if (unknown && state.entriesLoaded && !state.entriesCursor) this.#readUnknown();
  }

  #noticeLead(rows, at) {
    const [first, second] = [...rows].sort((a, b) => b.votes - a.votes);
    if (!first || first.votes === 0 || first.votes === second?.votes) return;
    const before = this.#leader;
    this.#leader = first.entryId;
    if (before === null || before === first.entryId) return;
    const name = this.#store.state.entries.get(first.entryId)?.author?.displayName;
    if (!name) return;
    this.#store.record(`${name} takes the lead, ${plural(first.votes, "vote")}`, at, "lead");
  }

  #readUnknown() {
    const now = this.#clock.serverNow();
    if (now < this.#lateCheckAt) return;
    this.#lateCheckAt = now + LATE_STEP_EVERY_MS;
    this.refreshEntries();
  }

  // Results are computed just after the last step, so the first question may come too early.
  #readResults(attempt = 1) {
    clearTimeout(this.#resultsTimer);
    const { battleId } = this.#store.state;
    this.#resultsTimer = setTimeout(async () => {
      try {
        const results = await this.#api.get(`/battles/${encodeURIComponent(battleId)}/results`);
        if (!this.#isStill(battleId)) return;
        const before = this.#store.state.results;
        this.#store.update({ results });
        if (!before) this.#crown(results);
      } catch (error) {
        const early = error.status === 409 || error.status === 0 || error.status >= 500;
        if (early && attempt < RESULTS_TRIES && this.#isStill(battleId)) {
          this.#readResults(attempt + 1);
        }
      }
    }, attempt === 1 ? 150 : RESULTS_RETRY_MS);
  }

  #crown(results) {
    const winner = results.ranking?.[0];
    const name = winner && this.#store.state.entries.get(winner.entryId)?.author?.displayName;
    if (!name) return;
    const words = `${name} takes the crown with ${plural(winner.votes, "vote")}`;
    this.#store.record(words, Date.parse(results.completedAt), "step");
  }

  #isStill(battleId) {
    return this.#store.state.battleId === battleId;
  }
}

function bySubmission(a, b) {
  return Date.parse(a.submissionTime ?? a.createdAt) - Date.parse(b.submissionTime ?? b.createdAt);
}
