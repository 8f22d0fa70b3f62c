// What answers tell browsers: security headers, and which pages of other origins may read them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startServer } from "./support/server.mjs";

const APP = "https://app.example.com";
const READ = "/api/v1/battles?limit=1";

describe("headers for browsers", { timeout: 60_000 }, () => {
  let server;
  before(async () => {
    server = await startServer({ env: { CORS_ORIGINS: `${APP}, http://localhost:5173` } });
  });
  after(() => server?.stop());

  const ask = (path, options) => fetch(server.baseUrl + path, options);

  test("every answer forbids sniffing, framing and leaking; a refusal too", async () => {
    for (const path of [READ, "/", "/docs/", "/health", "/api/v1/nothing", "/api/v1/users/me"]) {
      const { headers } = await ask(path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("referrer-policy"), "no-referrer", path);
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", path);
      assert.equal(headers.get("x-xss-protection"), "0", path);
      assert.match(headers.get("content-security-policy"), /frame-ancestors 'none'/, path);
      // On plain http in development it would lock a browser out of localhost.
      assert.equal(headers.get("strict-transport-security"), null, path);
    }
  });

  test("data may load nothing at all; a page what is its own", async () => {
    const data = (await ask(READ)).headers.get("content-security-policy");
    assert.equal(data, "default-src 'none'; frame-ancestors 'none'");
    for (const path of ["/", "/docs/"]) {
      const { headers } = await ask(path);
      assert.match(headers.get("content-security-policy"), /^default-src 'self'; /, path);
      assert.doesNotMatch(headers.get("content-security-policy"), /unsafe|\*/, path);
      assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", path);
      assert.match(headers.get("permissions-policy"), /camera=\(\)/, path);
      assert.equal(headers.get("x-frame-options"), "DENY", path);
    }
  });

  test("a page of a listed origin may read answers, of any other not", async () => {
    for (const origin of [APP, "http://localhost:5173"]) {
      const { headers } = await ask(READ, { headers: { origin } });
      assert.equal(headers.get("access-control-allow-origin"), origin);
      assert.equal(headers.get("access-control-allow-credentials"), "true");
      assert.match(headers.get("access-control-expose-headers"), /RateLimit-Remaining/);
      assert.match(headers.get("vary"), /Origin/);
    }
    for (const origin of ["https://evil.example", `${APP}.evil.example`, "null"]) {
      const answer = await ask(READ, { headers: { origin } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
      assert.match(answer.headers.get("vary"), /Origin/);
    }
  });

  test("a preflight is answered for listed origins alone, a refusal is readable too", async () => {
    const preflight = (origin) => ask("/api/v1/battles", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type" },
    });
    const answer = await preflight(APP);
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get("access-control-allow-methods"), /\bPOST\b/);
    assert.match(answer.headers.get("access-control-allow-headers"), /Authorization/);
    const other = await preflight("https://evil.example");
    assert.equal(other.headers.get("access-control-allow-methods"), null);
    const refused = await ask("/api/v1/users/me", { headers: { origin: APP } });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get("access-control-allow-origin"), APP);
  });
});
