// Estimates the server's clock from what its answers say, so that countdowns do not trust this one.

// Two clocks drift apart by some 50 parts in a million; the bounds are widened by this as they age.
const DRIFT_PER_MS = 0.00005;
const DATE_HEADER_GRAIN_MS = 1000;

/**
 * Each observation bounds the offset (server minus local, milliseconds) from both sides: the
 * server's stamp was made after the request left and before the answer came. The bounds are
 * intersected, so a few answers narrow a header that counts whole seconds down to the round trip.
 */
export class ServerClock {
  #lower = -Infinity;
  #upper = Infinity;
  #observedAt = 0;
  #now;

  constructor(now = () => Date.now()) {
    this.#now = now;
  }

  /** An HTTP answer: `Date` names the second in which it was made. */
  observeDateHeader(header, sentAt, receivedAt) {
    const second = Date.parse(header ?? "");
    if (Number.isNaN(second)) return;
    this.#narrow(second - receivedAt, second + DATE_HEADER_GRAIN_MS - sentAt);
  }

  /** A message stamped `timestamp`; `sentAt` only where it answers something sent from here. */
  observeStamp(timestamp, receivedAt, sentAt = null) {
    if (!Number.isFinite(timestamp)) return;
    this.#narrow(timestamp - receivedAt, sentAt === null ? Infinity : timestamp - sentAt);
  }

  /** Milliseconds to add to the local clock; 0 until anything was observed. */
  get offset() {
    if (this.#lower === -Infinity) return 0;
    if (this.#upper === Infinity) return this.#lower;
    return (this.#lower + this.#upper) / 2;
  }

  /** The server's time, milliseconds since 1970. */
  serverNow() {
    return this.#now() + this.offset;
  }

  #narrow(lower, upper) {
    const now = this.#now();
    const slack = (now - this.#observedAt) * DRIFT_PER_MS;
    this.#observedAt = now;
    this.#lower = Math.max(this.#lower - slack, lower);
    this.#upper = Math.min(this.#upper + slack, upper);
    // Bounds that cross mean that one of the clocks was set: the newest observation stands alone.
    if (this.#lower > this.#upper) {
      this.#lower = lower;
      this.#upper = upper;
    }
  }
}
