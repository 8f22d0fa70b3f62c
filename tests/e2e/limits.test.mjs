// Limits and addresses over real sockets: who is counted as whom, and what a forger can do.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Agent, request } from "undici";

import { startServer } from "./support/server.mjs";

const PUBLIC_READ = "/api/v1/battles?limit=1";
const OWN_READ = "/api/v1/auth/session";
const ANONYMOUS = 60;
const USER = 100;
const CREATOR = 300;

let nextHost = 1;
/** An address that no other test uses. */
const freshAddress = () => `198.51.100.${nextHost++}`;

describe("limits", { timeout: 120_000 }, () => {
  let server;
  before(async () => {
    server = await startServer({ env: { RATE_LIMITS: "on", TRUSTED_PROXIES: "127.0.0.0/8" } });
  });
  after(() => server?.stop());

  /** Asks so many times at once; the answers by status. */
  async function flood(count, path, options = () => ({})) {
    const began = performance.now();
    const asked = Array.from({ length: count }, (_, i) => server.api("GET", path, options(i)));
    const answers = await Promise.all(asked);
    const of = (status) => answers.filter((answer) => answer.status === status);
    const minutes = (performance.now() - began) / 60_000;
    return { admitted: of(200).length, refused: of(429), unauthorized: of(401).length, minutes };
  }

  const from = (address) => () => ({ headers: { "x-forwarded-for": address } });

  /** The limit, and what flowed back while a slow machine was sending. */
  function checkAbout(count, limit, { minutes }) {
    const most = limit + Math.ceil(limit * minutes) + 1;
    assert.ok(count >= limit && count <= most, `${count} admitted, not ${limit} to ${most}`);
  }

  test("an address has its anonymous allowance, and a refusal says when to come back", async () => {
    const flooded = await flood(ANONYMOUS + 40, PUBLIC_READ, from(freshAddress()));
    checkAbout(flooded.admitted, ANONYMOUS, flooded);
    const { headers, body } = flooded.refused[0];
    assert.equal(body.error.code, "rate_limit_exceeded");
    assert.equal(Number(headers["retry-after"]), body.error.details.retryAfter);
    assert.ok(body.error.details.retryAfter >= 1 && body.error.details.retryAfter <= 60);
    assert.equal(headers["ratelimit-limit"], String(ANONYMOUS));
    assert.equal(headers["ratelimit-remaining"], "0");
    assert.match(headers["ratelimit-reset"], /^\d+$/);
  });

  test("what a client writes into X-Forwarded-For itself does not evade the limit", async () => {
    const real = freshAddress();
    const flooded = await flood(ANONYMOUS + 40, PUBLIC_READ, (i) => ({
      headers: { "x-forwarded-for": `203.0.113.${i}, 127.0.0.1, ${real}` },
    }));
    checkAbout(flooded.admitted, ANONYMOUS, flooded);
  });

  test("nor does it use up the allowance of the one whose address is written there", async () => {
    const victim = freshAddress();
    const attacker = freshAddress();
    const forged = () => ({ headers: { "x-forwarded-for": `${victim}, ${attacker}` } });
    await flood(ANONYMOUS + 40, PUBLIC_READ, forged);
    assert.equal((await flood(ANONYMOUS, PUBLIC_READ, from(victim))).admitted, ANONYMOUS);
  });

  test("hosts of one IPv6 network are one caller, seen through a chain of proxies",
    async () => {
      const flooded = await flood(ANONYMOUS + 40, PUBLIC_READ, (i) => ({
        headers: { "x-forwarded-for": `2001:db8:7:7::${i.toString(16)}, 127.0.0.9` },
      }));
      checkAbout(flooded.admitted, ANONYMOUS, flooded);
    });

  test("users have an allowance wherever they call from, creators a larger one", async () => {
    const user = await server.token();
    const creator = await server.token({ roles: ["creator"] });
    const signedIn = (token) => (i) => ({
      token, headers: { "x-forwarded-for": `192.0.2.${i % 200}` },
    });
    for (const [token, limit] of [[user.token, USER], [creator.token, CREATOR]]) {
      const flooded = await flood(limit + 50, OWN_READ, signedIn(token));
      checkAbout(flooded.admitted, limit, flooded);
    }
  });

  test("a search counts five times", async () => {
    const flooded = await flood(40, "/api/v1/battles?q=abc", from(freshAddress()));
    checkAbout(flooded.admitted, ANONYMOUS / 5, flooded);
  });

  test("a missing token uses the anonymous allowance", async () => {
    const flooded = await flood(ANONYMOUS + 40, OWN_READ, from(freshAddress()));
    checkAbout(flooded.unauthorized, ANONYMOUS, flooded);
  });

  test("five bad tokens lock further bad ones out, and no good one", async () => {
    const address = freshAddress();
    const good = await server.token();
    const bad = () => ({ token: "forged", headers: { "x-forwarded-for": address } });
    const { unauthorized, refused } = await flood(12, OWN_READ, bad);
    assert.equal(unauthorized, 5);
    assert.equal(refused.length, 7);
    assert.ok(refused[0].body.error.details.retryAfter > 800);
    const same = await server.api("GET", OWN_READ, { ...bad(), token: good.token });
    assert.equal(same.status, 200);
    const anonymous = await server.api("GET", PUBLIC_READ, from(address)());
    assert.equal(anonymous.status, 200);
    const elsewhere = { ...bad(), headers: { "x-forwarded-for": freshAddress() } };
    assert.equal((await server.api("GET", OWN_READ, elsewhere)).status, 401);
  });

  test("bad tokens lock neither whom a forger names nor do they evade the lock", async () => {
    const victim = freshAddress();
    const forger = freshAddress();
    const { unauthorized, refused } = await flood(12, OWN_READ, (i) => ({
      token: "forged",
      headers: { "x-forwarded-for": `203.0.113.${i}, ${victim}, ${forger}` },
    }));
    assert.equal(unauthorized, 5);
    assert.equal(refused.length, 7);
    const { status } = await server.api("GET", OWN_READ, { token: "forged", ...from(victim)() });
    assert.equal(status, 401);
  });

  test("health, metrics and the document are never limited", async () => {
    const { admitted } = await flood(200, "/health", from(freshAddress()));
    assert.equal(admitted, 200);
  });
});

describe("limits with no proxy in front", { timeout: 60_000 }, () => {
  const VICTIM = "127.0.0.2";
  let server;
  let victim;
  before(async () => {
    server = await startServer({ env: { RATE_LIMITS: "on" } });
    victim = new Agent({ localAddress: VICTIM });
  });
  after(async () => {
    await victim?.destroy();
    await server?.stop();
  });

  const asVictim = async (path, headers = {}) => {
    const answer = await request(server.baseUrl + path, { dispatcher: victim, headers });
    await answer.body.dump();
    return answer.statusCode;
  };

  test("X-Forwarded-For counts for nothing, neither for its writer nor against others",
    async () => {
      const began = performance.now();
      const asked = Array.from({ length: ANONYMOUS + 60 }, (_, i) => {
        const named = i % 2 ? VICTIM : `198.51.100.${i}`;
        return server.api("GET", PUBLIC_READ, { headers: { "x-forwarded-for": named } });
      });
      const statuses = (await Promise.all(asked)).map((answer) => answer.status);
      const count = statuses.filter((status) => status === 200).length;
      const most = ANONYMOUS + Math.ceil((ANONYMOUS * (performance.now() - began)) / 60_000) + 1;
      assert.ok(count >= ANONYMOUS && count <= most, `${count} admitted`);
      for (let i = 0; i < ANONYMOUS; i += 1) assert.equal(await asVictim(PUBLIC_READ), 200);
    });

  test("bad tokens lock their sender, whatever address stands in the header", async () => {
    const statuses = [];
    for (let i = 0; i < 12; i += 1) {
      const headers = { "x-forwarded-for": i % 2 ? VICTIM : `198.51.100.${i}` };
      statuses.push((await server.api("GET", OWN_READ, { token: "forged", headers })).status);
    }
    assert.deepEqual(statuses.slice(0, 6), [401, 401, 401, 401, 401, 429]);
    assert.equal(await asVictim(OWN_READ, { authorization: "Bearer forged" }), 401);
  });
});

describe("observed limits", { timeout: 60_000 }, () => {
  let server;
  before(async () => {
    server = await startServer({ env: { RATE_LIMITS: "observe", RATE_LIMITS_ANONYMOUS: "10" } });
  });
  after(() => server?.stop());

  test("stop nobody and say whom they would have; no proxy is trusted unasked", async () => {
    for (let i = 0; i < 30; i++) {
      const headers = { "x-forwarded-for": `198.51.100.${i}` };
      const answer = await server.api("GET", PUBLIC_READ, { headers, expect: 200 });
      assert.equal(answer.headers["ratelimit-limit"], undefined);
    }
    assert.match(server.log(), /a caller would have been stopped.*client=127\.0\.0\.1/);
    const metrics = await fetch(`${server.baseUrl}/metrics`).then((answer) => answer.text());
    const line = /wildnout_rate_limited_requests_total\{caller="anonymous"\} (\d+)/.exec(metrics);
    assert.ok(Number(line?.[1]) >= 19, line?.[0] ?? "no such metric");
  });
});
