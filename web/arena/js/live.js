// The signed-in visitor's line: follows channels, hands messages on, asks who watches.

import { clockTime } from "./words.js";

const PRESENCE_EVERY_MS = 10_000;
// Steps arrive by themselves; the counts of the other battles are asked for, a phase at a time.
const FEED_EVERY_MS = 10_000;
const PRESENCE_AFTER_SUBSCRIBE_MS = 300;

/** Listens to a LiveSocket on behalf of the page. */
export class Live {
  #store;
  #room;
  #feed;
  #session;
  #clock;
  #socket = null;
  #battleChannel = null;
  #wasLive = false;
  #lostAt = null;

  constructor({ store, room, feed, session, clock }) {
    this.#store = store;
    this.#room = room;
    this.#feed = feed;
    this.#session = session;
    this.#clock = clock;
    setInterval(() => this.#askPresence(), PRESENCE_EVERY_MS);
    setInterval(() => this.#readFeed(), FEED_EVERY_MS);
  }

  attach(socket) {
    this.#socket = socket;
  }

  start() {
    this.#socket.follow("battles");
    this.#socket.follow("system");
    this.followBattle();
    this.#socket.start();
  }

  stop() {
    this.#battleChannel = null;
    this.#wasLive = false;
    this.#lostAt = null;
    this.#socket.stop();
    this.#store.update({ presence: null });
  }

  /** Follows the battle on the stage instead of the one before. */
  followBattle() {
    const { channel } = this.#room;
    if (channel === this.#battleChannel) return;
    if (this.#battleChannel) this.#socket.unfollow(this.#battleChannel);
    this.#battleChannel = channel;
    if (channel) this.#socket.follow(channel);
  }

  retryNow() {
    this.#socket.retryNow();
  }

  /** LiveSocket: the line changed. */
  state(link) {
    const now = this.#clock.serverNow();
    if (link.status === "live") {
      if (this.#lostAt !== null) this.#store.record("Back on the line", now, "line");
      this.#lostAt = null;
      this.#wasLive = true;
      this.#session.refresh();
    } else if (this.#wasLive && this.#lostAt === null && link.status !== "connecting") {
      this.#lostAt = now;
      this.#store.record(`Lost the line at ${clockTime(now)}`, now, "line");
    }
    this.#store.update({ link });
  }

  /** LiveSocket: a channel is followed; without recovery its state is read anew. */
  subscribed(answer) {
    if (answer.channel === "battles") {
      if (!answer.recovered) this.#feed.readAll();
    } else if (answer.channel === this.#room.channel) {
      if (!this.#room.takeSnapshot(answer)) this.#room.reload();
      setTimeout(() => this.#askPresence(), PRESENCE_AFTER_SUBSCRIBE_MS);
    }
  }

  /** LiveSocket: a message of a channel, or one for everybody. */
  message(message) {
    const now = message.timestamp ?? this.#clock.serverNow();
    if (message.channel === this.#room.channel) this.#room.take(message);
    else if (message.channel === "battles") this.#takeCard(message);
    else if (message.type === "maintenance") {
      this.#store.record(message.data?.message ?? "The house is being worked on", now, "line");
    } else if (message.type === "shutdown") {
      this.#store.record("The server is moving: back in a moment", now, "line");
    }
  }

  /** LiveSocket: the session is over. */
  signedOut() {
    // The refused ticket has already ended the session on this page.
    this.#store.changed();
  }

  // What the owner changed before the start is told on this channel alone.
  #takeCard(message) {
    this.#feed.take(message);
    const isOnStage = message.data?.battleId === this.#store.state.battleId;
    if (isOnStage && message.type === "battle.updated") this.#room.refreshBattle();
  }

  #readFeed() {
    if (this.#store.state.link.status === "live" && !document.hidden) this.#feed.readInTurn();
  }

  async #askPresence() {
    const { channel } = this.#room;
    if (!this.#socket || !channel || document.hidden) return;
    const answer = await this.#socket.request("presence", { channel });
    if (answer?.type !== "presence" || this.#room.channel !== channel) return;
    this.#store.update({ presence: { count: answer.count, users: answer.users ?? [] } });
  }
}
