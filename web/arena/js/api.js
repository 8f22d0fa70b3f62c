// Speaks HTTP with the server: credentials, conditional reads, safe repeats and typed refusals.

const BASE_PATH = "/api/v1";
const TIMEOUT_MS = 12_000;
const REMEMBERED_ANSWERS = 64;
const REPEATS = 3;
const REPEAT_DELAY_MS = 600;

/** A refusal by the server, or (status 0, code `no_answer`) none at all. */
export class ApiError extends Error {
  constructor({ status, code, message, details = null, requestId = null, retryAfter = null }) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
    this.requestId = requestId;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  #clock;
  #token = null;
  #answers = new Map();
  #onUnauthorized = () => {};

  constructor(clock) {
    this.#clock = clock;
  }

  /** The bearer token to send from now on, or null; remembered answers belonged to the last one. */
  set token(token) {
    this.#token = token;
    this.#answers.clear();
  }

  get token() {
    return this.#token;
  }

  /** Called when the server refuses the token that was sent. */
  set onUnauthorized(listener) {
    this.#onUnauthorized = listener;
  }

  /** Reads with `If-None-Match`; an unchanged answer is given again from memory. */
  async get(path) {
    const remembered = this.#answers.get(path);
    const headers = remembered ? { "If-None-Match": remembered.etag } : {};
    const response = await this.#fetch(BASE_PATH + path, { headers });
    if (response.status === 304 && remembered) return remembered.body;
    const body = await this.#body(response);
    const etag = response.headers.get("ETag");
    if (etag) this.#remember(path, { etag, body });
    return body;
  }

  /** Sends a change once. */
  async send(method, path, content) {
    const options = { method, headers: {} };
    if (content !== undefined) {
      options.headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(content);
    }
    return this.#body(await this.#fetch(BASE_PATH + path, options));
  }

  /** Sends a POST that is repeated under one idempotency key until it is answered for good. */
  async post(path, content) {
    const options = {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": randomKey() },
      body: JSON.stringify(content),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#body(await this.#fetch(BASE_PATH + path, options));
      } catch (error) {
        const passing = error.code === "no_answer" || error.status === 503;
        if (!passing || attempt === REPEATS) throw error;
        await pause(REPEAT_DELAY_MS * attempt);
      }
    }
  }

  /** A signed-in person's development token; the issuer stands outside the versioned routes. */
  async developmentToken(content) {
    const response = await this.#fetch("/dev/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(content),
    }, null);
    return this.#body(response);
  }

  /** Whether the development issuer exists here; null when nobody answered. */
  async hasDevelopmentIssuer() {
    try {
      return (await this.#fetch("/dev/jwks.json", {}, null)).ok;
    } catch {
      return null;
    }
  }

  async #fetch(url, options, token = this.#token) {
    const headers = { Accept: "application/json", ...options.headers };
    if (token) headers.Authorization = `Bearer ${token}`;
    const sentAt = Date.now();
    let response;
    try {
      response = await fetch(url, {
        ...options,
        headers,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      throw noAnswer();
    }
    this.#clock.observeDateHeader(response.headers.get("Date"), sentAt, Date.now());
    if (response.status === 401 && token && token === this.#token) this.#onUnauthorized();
    return response;
  }

  async #body(response) {
    if (response.status === 204) return null;
    let body = null;
    try {
      body = await response.json();
    } catch {
      // A cut-off answer to a success is no answer; a refusal without a body is still a refusal.
      if (response.ok) throw noAnswer();
    }
    if (response.ok) return body;
    throw refusal(response, body?.error);
  }

  #remember(path, answer) {
    this.#answers.delete(path);
    this.#answers.set(path, answer);
    if (this.#answers.size > REMEMBERED_ANSWERS) {
      this.#answers.delete(this.#answers.keys().next().value);
    }
  }
}

function refusal(response, error) {
  const header = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new ApiError({
    status: response.status,
    code: error?.code ?? "unknown",
    message: error?.message ?? `The server answered ${response.status}.`,
    details: error?.details ?? null,
    requestId: error?.requestId ?? response.headers.get("X-Request-Id"),
    retryAfter: error?.details?.retryAfter ?? (Number.isNaN(header) ? null : header),
  });
}

function noAnswer() {
  return new ApiError({ status: 0, code: "no_answer", message: "The server did not answer." });
}

// crypto.randomUUID exists on secure origins only, and a phone on the local network is not one.
function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
