// Entering a battle: keeps drafts, submits them, withdraws a verse.

import { ownEntry } from "./phase.js";

export class Entering {
  #api;
  #store;
  #room;

  constructor(api, store, room) {
    this.#api = api;
    this.#store = store;
    this.#room = room;
  }

  /** Keeps the text as a draft; throws ApiError. */
  async keepDraft(body) {
    this.#room.putEntry(await this.#write(body, true));
  }

  /** Puts the text into the battle; throws ApiError. */
  async submit(body) {
    const draft = this.#draft();
    if (draft) {
      if (draft.content.body !== body) this.#room.putEntry(await this.#write(body, true));
      const path = `/entries/${encodeURIComponent(draft.id)}/submit`;
      this.#room.putEntry(await this.#api.send("POST", path));
    } else {
      this.#room.putEntry(await this.#write(body, false));
    }
    await this.#room.refreshBattle();
  }

  /** Takes the caller's verse, or draft, out again; throws ApiError. */
  async withdraw() {
    const entry = ownEntry(this.#store.state);
    if (!entry) return;
    await this.#api.send("DELETE", `/entries/${encodeURIComponent(entry.id)}`);
    this.#store.state.entries.delete(entry.id);
    this.#store.changed();
    await this.#room.reload();
  }

  #write(body, asDraft) {
    const content = { type: "text", body };
    const draft = this.#draft();
    if (draft) {
      return this.#api.send("PATCH", `/entries/${encodeURIComponent(draft.id)}`, { content });
    }
    const battle = encodeURIComponent(this.#store.state.battleId);
    return this.#api.post(`/battles/${battle}/entries`, { content, draft: asDraft });
  }

  #draft() {
    const entry = ownEntry(this.#store.state);
    return entry?.status === "draft" ? entry : null;
  }
}
