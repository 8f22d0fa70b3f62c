// An HTTP client that holds every answer against the OpenAPI document that the server serves.

import assert from "node:assert/strict";
import { request } from "undici";

import { Contract } from "./contract.mjs";

const ANSWER_WITHIN_MS = 60_000;

/** Headers that no answer may lack, and those that go with its status. */
export function checkHeaders(what, status, headers, body) {
  assert.ok(headers["x-request-id"], `${what}: no X-Request-Id`);
  assert.equal(headers["api-version"], "1", `${what}: no API-Version`);
  if (status === 401) assert.match(headers["www-authenticate"] ?? "", /^Bearer/, what);
  if (status === 405) assert.ok(headers.allow, `${what}: 405 without Allow`);
  const isToRepeat = body?.error && (status === 429 || status === 503);
  if (isToRepeat) assert.match(headers["retry-after"] ?? "", /^\d+$/, what);
  // A replayed refusal is the first one's, word for word.
  if (body?.error && headers["idempotency-replayed"] === undefined) {
    assert.equal(body.error.requestId, headers["x-request-id"], `${what}: another request's id`);
  }
}

export class Api {
  #baseUrl;
  #agent;
  #contract = null;

  constructor(baseUrl, agent) {
    this.#baseUrl = baseUrl;
    this.#agent = agent;
  }

  async contract() {
    this.#contract ??= (async () => {
      const answer = await request(`${this.#baseUrl}/api/openapi.json`);
      assert.equal(answer.statusCode, 200);
      return new Contract(await answer.body.json());
    })();
    return this.#contract;
  }

  /**
   * Asks and answers `{status, headers, body, text}`; fails when the document does not name the
   * status for the route, or the body is not what it says there. `body` is sent as JSON, `raw` as
   * it stands; `expect` is a status, or a status with an error code: `"409 already_voted"`.
   */
  async ask(method, path, { token, body, raw, headers = {}, expect, signal } = {}) {
    const contract = await this.contract();
    const sent = { ...headers };
    if (token) sent.authorization = `Bearer ${token}`;
    if (body !== undefined && !sent["content-type"]) sent["content-type"] = "application/json";
    const answer = await request(this.#baseUrl + path, {
      method,
      headers: sent,
      body: body === undefined ? raw : JSON.stringify(body),
      dispatcher: this.#agent,
      headersTimeout: ANSWER_WITHIN_MS,
      bodyTimeout: ANSWER_WITHIN_MS,
      signal,
    });
    const text = await answer.body.text();
    const what = `${method} ${path} -> ${answer.statusCode} ${text.slice(0, 500)}`;
    const isCoded = answer.headers["content-encoding"] !== undefined;
    const decoded = isCoded ? null : contract.check(method, path, answer, text, what);
    checkHeaders(what, answer.statusCode, answer.headers, decoded);
    if (expect !== undefined) {
      const code = decoded?.error?.code;
      const got = typeof expect === "number" ? answer.statusCode : `${answer.statusCode} ${code}`;
      assert.equal(got, expect, what);
    }
    return { status: answer.statusCode, headers: answer.headers, body: decoded, text };
  }
}
