// Casting and taking back votes: nothing is shown as counted before the server has said so.

import { refusalWords } from "./words.js";

/** A vote's way on this page: `counting`, `counted` with a receipt, `refused` with words. */
export class Voting {
  #api;
  #store;
  #room;

  constructor(api, store, room) {
    this.#api = api;
    this.#store = store;
    this.#room = room;
  }

  async cast(entryId) {
    const { battleId, votes } = this.#store.state;
    if (votes.get(entryId)?.status === "counting") return;
    this.#put(entryId, { status: "counting" });
    try {
      const path = `/battles/${encodeURIComponent(battleId)}/votes`;
      const vote = await this.#api.post(path, { entryId });
      this.#markVoted(battleId, entryId, true);
      this.#put(entryId, { status: "counted", receipt: vote.receipt ?? null });
    } catch (error) {
      if (error.code === "already_voted") this.#markVoted(battleId, entryId, true);
      this.#put(entryId, { status: "refused", words: refusalWords(error) });
      if (error.status === 409) this.#room.refreshBattle();
    }
  }

  async takeBack(entryId) {
    const { battleId } = this.#store.state;
    this.#put(entryId, { status: "counting" });
    try {
      const battle = encodeURIComponent(battleId);
      await this.#api.send("DELETE", `/battles/${battle}/votes/${encodeURIComponent(entryId)}`);
      this.#markVoted(battleId, entryId, false);
      this.#put(entryId, { status: "takenBack" });
    } catch (error) {
      this.#put(entryId, { status: "refused", words: refusalWords(error) });
    }
  }

  #put(entryId, vote) {
    this.#store.state.votes.set(entryId, vote);
    this.#store.changed();
  }

  #markVoted(battleId, entryId, voted) {
    const { battle } = this.#store.state;
    if (battle?.id !== battleId || !battle.viewer) return;
    const others = battle.viewer.votedEntryIds.filter((id) => id !== entryId);
    const before = battle.viewer.votedEntryIds.length;
    const votedEntryIds = voted ? [...others, entryId] : others;
    const votesLeft = Math.max(0, battle.viewer.votesLeft + before - votedEntryIds.length);
    this.#store.update({
      battle: { ...battle, viewer: { ...battle.viewer, votedEntryIds, votesLeft } },
    });
  }
}
