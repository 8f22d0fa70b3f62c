// What two runs of one script answered, made comparable: ids become the script's own names for
// them, times and tokens become words.

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const MAC_BYTES = 16; // before a cursor's text
// Differ from request to request, or follow from what is compared anyway.
const OF_ONE_ANSWER = ["date", "x-request-id", "traceparent", "content-length", "keep-alive",
  "ratelimit-remaining", "ratelimit-reset"];

export class Likeness {
  #names = new Map();

  /** Gives an id the name that both runs know it by. */
  name(id, name) {
    this.#names.set(id, name);
    return id;
  }

  #plain(text) {
    return text
      .replaceAll(ID, (id) => this.#names.get(id) ?? "ID")
      .replaceAll(TIME, "TIME");
  }

  /** A cursor is base64url of a MAC and the position as JSON: the position is compared. */
  #position(cursor) {
    const position = Buffer.from(cursor, "base64url").subarray(MAC_BYTES).toString();
    return this.#plain(position).replace(/"trend":[\d.e+]+/, '"trend":0');
  }

  of(value, key = "") {
    if (typeof value === "string") {
      if (key === "nextCursor") return this.#position(value);
      return key === "epoch" ? "EPOCH" : this.#plain(value);
    }
    if (typeof value === "number" && key === "timestamp") return 0;
    if (Array.isArray(value)) return value.map((one) => this.of(one));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [this.#plain(name), this.of(one, name)]),
    );
  }

  /** An answer of `ask`; of its tag the version alone, since the rest is a hash of the body. */
  answer({ status, headers, body }) {
    const kept = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !OF_ONE_ANSWER.includes(name)),
    );
    if (kept.etag) kept.etag = kept.etag.replace(/-[^"]*/g, "");
    const alike = this.of(body);
    if (alike?.error) delete alike.error.requestId;
    return { status, headers: kept, body: alike };
  }
}

/** The list in no order, for what is dealt at random. */
export function unordered(list) {
  return [...list].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}
