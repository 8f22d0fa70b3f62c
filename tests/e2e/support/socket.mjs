// A WebSocket client that remembers every message, and waits for those that a test needs.

import assert from "node:assert/strict";
import WebSocket from "ws";

const MESSAGE_WITHIN_MS = 60_000;

class Socket {
  #raw;
  #waiting = new Set();
  #nextId = 1;

  constructor(raw) {
    this.#raw = raw;
    /** Every message in the order of arrival, with `arrivedAt` in ms since 1970. */
    this.messages = [];
    this.closed = new Promise((resolve) => {
      raw.on("close", (code, reason) => {
        this.ending = { code, reason: String(reason) };
        resolve(this.ending);
        for (const look of [...this.#waiting]) look();
      });
    });
    raw.on("error", () => {});
    raw.on("message", (bytes) => {
      const message = JSON.parse(bytes);
      Object.defineProperty(message, "arrivedAt", { value: Date.now() });
      this.messages.push(message);
      for (const look of [...this.#waiting]) look();
    });
  }

  get raw() {
    return this.#raw;
  }

  /** Resolves to the first message, past or to come, that `matches`. */
  wait(matches, what = String(matches), within = MESSAGE_WITHIN_MS) {
    return new Promise((resolve, reject) => {
      let seen = 0;
      const finish = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const look = () => {
        for (; seen < this.messages.length; seen += 1) {
          if (matches(this.messages[seen])) return finish(resolve, this.messages[seen]);
        }
        if (this.ending) {
          finish(reject, new Error(`closed with ${JSON.stringify(this.ending)} before ${what}`));
        }
        return undefined;
      };
      const timer = setTimeout(() => {
        finish(reject, new Error(`no message in time: ${what}`));
      }, within);
      this.#waiting.add(look);
      look();
    });
  }

  send(message) {
    this.#raw.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends a command under a number of its own and answers what comes back under it. */
  ask(message) {
    const id = this.#nextId;
    this.#nextId += 1;
    this.send({ ...message, id });
    return this.wait((one) => one.id === id, `an answer to ${JSON.stringify(message)}`);
  }

  async subscribe(channel, since) {
    const answer = await this.ask({ type: "subscribe", channel, ...(since && { since }) });
    assert.equal(answer.type, "subscribed", JSON.stringify(answer));
    return answer;
  }

  /** The messages of a channel, of some types when named. */
  on(channel, ...types) {
    return this.messages.filter(
      (one) => one.channel === channel && one.data !== undefined &&
        (types.length === 0 || types.includes(one.type)),
    );
  }

  close(code) {
    this.#raw.close(code);
    return this.closed;
  }

  /** Cuts the line with no farewell. */
  end() {
    this.#raw.terminate();
  }
}

/**
 * Opens a socket with `{token}` (as a protocol), `{ticket}`, `{urlToken}` or nothing, and waits
 * for its welcome, which is `welcome`; with `isAwaited: false` it waits for the opening alone.
 */
export async function openSocket(url, credentials = {}, { isAwaited = true, ...options } = {}) {
  const { token, ticket, urlToken } = credentials;
  const query = ticket ? `?ticket=${ticket}` : urlToken ? `?token=${urlToken}` : "";
  const protocols = token ? ["wildnout.v1", `bearer.${token}`] : [];
  const raw = new WebSocket(url + query, protocols, { perMessageDeflate: false, ...options });
  const socket = new Socket(raw);
  await new Promise((resolve, reject) => {
    raw.once("open", resolve);
    raw.once("error", reject);
  });
  if (isAwaited) {
    socket.welcome = await socket.wait((one) => one.type === "connection", "the welcome");
  }
  return socket;
}
