// One WebSocket that keeps itself alive: tickets, channels, resume from a sequence, backing off.

const PING_EVERY_MS = 20_000;
const ANSWER_WITHIN_MS = 10_000;
const WELCOME_WITHIN_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 20_000;
const WAIT_GROWTH = 1.7;
const CLOSED_SESSION_ENDED = 4401;
const CLOSED_POLICY = 1008;

/**
 * `listener` has: `state({status, retryAt, reason})` with status `connecting`, `live`, `waiting`,
 * `offline` or `refused`; `subscribed(answer)`; `message(message)`; `signedOut()`.
 */
export class LiveSocket {
  #api;
  #clock;
  #listener;
  #socket = null;
  #wanted = false;
  #attempt = 0;
  #announcedWait = null;
  #channels = new Map();
  #requests = new Map();
  #nextId = 1;
  #timers = { retry: null, ping: null, welcome: null };
  #generation = 0;

  constructor(api, clock, listener) {
    this.#api = api;
    this.#clock = clock;
    this.#listener = listener;
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("offline", () => this.#wanted && this.#lost("offline"));
  }

  /** Connects and stays connected until `stop`. */
  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#connect();
  }

  stop() {
    this.#wanted = false;
    this.#attempt = 0;
    this.#channels.clear();
    this.#drop();
  }

  retryNow() {
    if (!this.#wanted || this.#isOpen()) return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Subscribes now and after each reconnect, from where the channel was left. */
  follow(channel) {
    if (this.#channels.has(channel)) return;
    this.#channels.set(channel, null);
    if (this.#isOpen()) this.#subscribe(channel);
  }

  unfollow(channel) {
    if (this.#channels.delete(channel) && this.#isOpen()) this.request("unsubscribe", { channel });
  }

  /** Sends a request and resolves with its answer, or with null when none came. */
  request(type, fields = {}) {
    if (!this.#isOpen()) return Promise.resolve(null);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(id, null), ANSWER_WITHIN_MS);
      this.#requests.set(id, { resolve, timer, sentAt: Date.now() });
      this.#socket.send(JSON.stringify({ type, id, ...fields }));
    });
  }

  async #connect() {
    this.#drop();
    const generation = this.#generation;
    this.#listener.state({ status: "connecting", retryAt: null, reason: null });
    let ticket;
    try {
      ({ ticket } = await this.#api.send("POST", "/auth/ws-ticket"));
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error.status === 401) this.#listener.signedOut();
      else this.#lost(error.message, error.retryAfter);
      return;
    }
    if (generation !== this.#generation) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const url = `${scheme}//${location.host}/ws?ticket=${encodeURIComponent(ticket)}`;
    this.#attach(new WebSocket(url), generation);
  }

  #attach(socket, generation) {
    this.#socket = socket;
    this.#timers.welcome = setTimeout(
      () => this.#lost("The server did not answer."),
      WELCOME_WITHIN_MS,
    );
    socket.onmessage = (event) => {
      if (generation === this.#generation) this.#receive(event.data);
    };
    socket.onclose = (event) => {
      if (generation === this.#generation) this.#closed(event);
    };
  }

  #receive(text) {
    const receivedAt = Date.now();
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    const waiting = this.#requests.get(message.id);
    this.#clock.observeStamp(message.timestamp, receivedAt, waiting?.sentAt ?? null);
    if (message.type === "connection") this.#welcomed();
    else if (message.type === "subscribed") this.#subscribed(message);
    else if (message.channel && message.seq !== undefined) this.#channelMessage(message);
    else if (!waiting) this.#listener.message(message);
    if (message.type === "shutdown") this.#announcedWait = announcedDelay(message.data);
    if (waiting) this.#settle(message.id, message);
  }

  #welcomed() {
    this.#attempt = 0;
    this.#announcedWait = null;
    clearTimeout(this.#timers.welcome);
    for (const channel of this.#channels.keys()) this.#subscribe(channel);
    this.#timers.ping = setInterval(() => this.#ping(), PING_EVERY_MS);
    this.#listener.state({ status: "live", retryAt: null, reason: null });
  }

  #subscribe(channel) {
    const since = this.#channels.get(channel);
    this.request("subscribe", since ? { channel, since } : { channel });
  }

  #subscribed(answer) {
    const before = this.#channels.get(answer.channel);
    if (before === undefined) return;
    // With recovery the missed messages follow and count the position up from where it was left.
    const seq = answer.recovered && before ? before.seq : answer.seq;
    this.#channels.set(answer.channel, { epoch: answer.epoch, seq });
    this.#listener.subscribed(answer);
  }

  #channelMessage(message) {
    const position = this.#channels.get(message.channel);
    if (position) position.seq = Math.max(position.seq, message.seq);
    this.#listener.message(message);
  }

  // Browsers hide protocol pings from scripts, so a dead path is noticed by asking.
  async #ping() {
    const generation = this.#generation;
    const answer = await this.request("ping");
    if (answer !== null || generation !== this.#generation) return;
    this.#lost("The connection went quiet.");
  }

  #closed(event) {
    if (event.code === CLOSED_POLICY && event.reason.startsWith("Account")) {
      this.#wanted = false;
      this.#drop();
      this.#listener.state({ status: "refused", retryAt: null, reason: event.reason });
      return;
    }
    // The session may merely need to be proved again: a new ticket tells.
    if (event.code === CLOSED_SESSION_ENDED && this.#attempt === 0) {
      this.#attempt = 1;
      this.#connect();
      return;
    }
    this.#lost(event.reason || "The connection was lost.");
  }

  #lost(reason, retryAfterSeconds = null) {
    this.#drop();
    if (!this.#wanted) return;
    if (!navigator.onLine) {
      this.#listener.state({ status: "offline", retryAt: null, reason: null });
      return;
    }
    const wait = this.#wait(retryAfterSeconds);
    this.#timers.retry = setTimeout(() => this.#connect(), wait);
    this.#listener.state({ status: "waiting", retryAt: Date.now() + wait, reason });
  }

  #wait(retryAfterSeconds) {
    const announced = this.#announcedWait ?? (retryAfterSeconds ?? 0) * 1000;
    this.#announcedWait = null;
    const grown = Math.min(FIRST_WAIT_MS * WAIT_GROWTH ** this.#attempt, LONGEST_WAIT_MS);
    this.#attempt += 1;
    // Jitter keeps a whole crowd from coming back in the same instant.
    return Math.max(announced, grown * (0.6 + 0.4 * Math.random()));
  }

  #settle(id, answer) {
    const waiting = this.#requests.get(id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#requests.delete(id);
    waiting.resolve(answer);
  }

  #drop() {
    this.#generation += 1;
    clearTimeout(this.#timers.retry);
    clearTimeout(this.#timers.welcome);
    clearInterval(this.#timers.ping);
    for (const id of [...this.#requests.keys()]) this.#settle(id, null);
    this.#socket?.close();
    this.#socket = null;
  }

  #isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }
}

function announcedDelay(data) {
  const milliseconds = data?.reconnectAfterMs;
  return Number.isFinite(milliseconds) ? Math.min(milliseconds, LONGEST_WAIT_MS) : null;
}
