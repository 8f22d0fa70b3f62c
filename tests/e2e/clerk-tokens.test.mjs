// Session tokens, good and tampered with in every way, judged by Clerk's SDK and by the server.

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { verifyToken } from "@clerk/backend";

import { Clerk } from "./support/clerk.mjs";
import { startServer, until } from "./support/server.mjs";

const PARTY = "https://app.example.com";
const LEAST_TOKENS = 300;
// Beyond what the SDK refuses. The reasons stand beside the rules of identity.
const STRICTER = /^(iss|sid|sts|v|sub|act|exp|nbf|iat|azp|kid|typ|crit|alg|form|twice):/;

const base64url = (value) => Buffer.from(value).toString("base64url");
const part = (object) => base64url(JSON.stringify(object));

/** Every token with what the server shall say: `[name, token, isGood]`. */
async function manyTokens(clerk, other) {
  const all = [];
  const add = (name, token, isGood = false) => all.push([name, token, isGood]);
  const now = Math.floor(Date.now() / 1000);
  const key = clerk.keys.get("ins_first").privateKey;
  const header = { alg: "RS256", kid: "ins_first", typ: "JWT" };
  const raw = (head, payload, by = key) => {
    const text = `${head}.${payload}`;
    return `${text}.${base64url(signBytes("sha256", Buffer.from(text), by))}`;
  };
  const withClaim = async (name, changes, isGood = false) =>
    add(name, await clerk.token("user_diff", changes), isGood);

  for (let i = 0; i < 40; i += 1) add(`good: user ${i}`, await clerk.token(`user_good${i}`), true);
  await withClaim("good: the old form", { v: undefined, sts: undefined, org_role: "org:a" }, true);
  await withClaim("good: an organization", { o: { id: "org_1", rol: "admin" } }, true);
  await withClaim("good: impersonation", { act: { iss: clerk.issuer, sub: "user_s" } }, true);
  await withClaim("good: custom claims", { metadata: { role: "admin" } }, true);
  await withClaim("good: just expired", { exp: now - 2 }, true);
  await withClaim("good: nbf a little ahead", { nbf: now + 2 }, true);
  await withClaim("good: iat a little ahead", { iat: now + 2 }, true);
  await withClaim("good: no nbf", { nbf: undefined }, true);
  await withClaim("good: no iat", { iat: undefined }, true);
  await withClaim("good: long lived", { exp: now + 86_400 }, true);
  add("good: no typ", await clerk.sign(clerk.claims("user_diff"), { typ: undefined }), true);
  add("good: unknown header", await clerk.sign(clerk.claims("user_diff"), { oiat: now }), true);

  const bad = {
    iss: [undefined, null, "", 7, "https://evil.example", `${clerk.issuer}/`, [clerk.issuer],
      clerk.issuer.toUpperCase()],
    sub: [undefined, null, "", 7, [], {}, true, "a".repeat(300), "user\n1", "us er"],
    sid: [undefined, null, "", 7, [], {}, "a".repeat(300)],
    sts: ["pending", null, 7, []],
    v: [1, 3, 0, "2", null, 2.5],
    exp: [undefined, null, "", String(now + 60), 0, -1, now - 30, now - 3600, now + 0.5, true, [],
      {}, 2 ** 53 + 2, -(2 ** 60)],
    nbf: [null, "now", now + 30, now + 3600, true, [], now + 0.5, 2 ** 60],
    iat: [null, "now", now + 30, now + 3600, true, [], now + 0.5, 2 ** 60],
    azp: [undefined, null, "", 7, "https://evil.example", `${PARTY}/`, "http://app.example.com",
      "https://app.example.com.evil.example", [PARTY]],
    act: [null, "user_s", [], {}, { sub: "" }, { sub: 7 }],
  };
  for (const [claim, values] of Object.entries(bad)) {
    for (const value of values) {
      await withClaim(`${claim}: ${JSON.stringify(value)}`, { [claim]: value });
    }
  }

  const payload = part(clerk.claims("user_diff"));
  const heads = {
    "alg: none": { ...header, alg: "none" },
    "alg: None": { ...header, alg: "None" },
    "alg: HS256": { ...header, alg: "HS256" },
    "alg: RS384": { ...header, alg: "RS384" },
    "alg: RS512": { ...header, alg: "RS512" },
    "alg: PS256": { ...header, alg: "PS256" },
    "alg: ES256": { ...header, alg: "ES256" },
    "alg: rs256": { ...header, alg: "rs256" },
    "alg: missing": { kid: "ins_first", typ: "JWT" },
    "alg: null": { ...header, alg: null },
    "alg: a list": { ...header, alg: ["RS256"] },
    "typ: at+jwt": { ...header, typ: "at+jwt" },
    "typ: empty": { ...header, typ: "" },
    "typ: null": { ...header, typ: null },
    "typ: JWE": { ...header, typ: "JWE" },
    "crit: exp": { ...header, crit: ["exp"] },
    "crit: b64": { ...header, crit: ["b64"], b64: false },
    "crit: empty": { ...header, crit: [] },
    "kid: missing": { alg: "RS256", typ: "JWT" },
    "kid: unknown": { ...header, kid: "ins_unknown" },
    "kid: a number": { ...header, kid: 1 },
    "kid: null": { ...header, kid: null },
    "kid: empty": { ...header, kid: "" },
    "kid: a path": { ...header, kid: "../../etc/passwd" },
    "kid: SQL": { ...header, kid: "' OR 1=1 --" },
  };
  for (const [name, head] of Object.entries(heads)) add(name, raw(part(head), payload));
  const good = raw(part(header), payload);
  const [, , signature] = good.split(".");

  // Anything signed by whom nobody trusts, also in the right names.
  const strange = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  add("forged: another key", raw(part(header), payload, strange));
  add("forged: its own JWK", raw(part({ ...header, jwk: clerk.keys.get("ins_first").jwk }),
    payload, strange));
  add("forged: its own URL", raw(part({ ...header, jku: "https://evil.example" }), payload,
    strange));
  add("forged: another Clerk", await other.token("user_diff"));
  add("forged: another Clerk, our name",
    await other.sign(other.claims("user_diff", { iss: clerk.issuer })));
  for (const secret of [clerk.keys.get("ins_first").pem, clerk.keys.get("ins_first").pem.trim(),
    clerk.keys.get("ins_first").jwk.n, ""]) {
    const text = `${part({ ...header, alg: "HS256" })}.${payload}`;
    add("forged: HMAC with the public key",
      `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`);
  }
  const digest = base64url(signBytes("sha384", Buffer.from(`${part(header)}.${payload}`), key));
  add("forged: another digest", `${part(header)}.${payload}.${digest}`);

  // One bit at a time, in every part.
  for (const [name, at] of [["header", 0], ["payload", 1], ["signature", 2]]) {
    const parts = good.split(".");
    const bytes = Buffer.from(parts[at], "base64url");
    for (let i = 0; i < 40; i += 1) {
      const changed = Buffer.from(bytes);
      changed[Math.floor((i * bytes.length) / 40)] ^= 1 << (i % 8);
      const copy = [...parts];
      copy[at] = changed.toString("base64url");
      add(`flipped: ${name} ${i}`, copy.join("."));
    }
  }
  const forms = {
    "four parts": `${good}.x`, "two parts": good.slice(0, good.lastIndexOf(".")), "one part": "abc",
    "dots": "..", "padding": `${good}==`,
    "padded header": `${part(header)}=.${payload}.${signature}`,
    "no signature": `${part(header)}.${payload}.`, "half a signature": good.slice(0, -100),
    "a longer signature": `${good}AAAA`, "zero signature": `${part(header)}.${payload}.AA`,
    "no payload": `${part(header)}..${signature}`, "no header": `.${payload}.${signature}`,
    "plain base64": good.replaceAll("-", "+").replaceAll("_", "/") + "+",
    "a payload that is a list": raw(part(header), part([clerk.claims("user_diff")])),
    "a payload that is text": raw(part(header), base64url("hello")),
    "a payload that is null": raw(part(header), base64url("null")),
    "a header that is a list": raw(part([header]), payload),
    "a header that is text": raw(base64url("hello"), payload),
    "over 8 KiB": raw(part(header), part({ ...clerk.claims("user_diff"), x: "x".repeat(9000) })),
    "swapped parts": raw(payload, part(header)),
  };
  for (const [name, token] of Object.entries(forms)) add(`form: ${name}`, token);
  return all;
}

describe("session tokens", { timeout: 240_000 }, () => {
  let clerk;
  let other;
  let server;

  before(async () => {
    [clerk, other] = [await Clerk.start(), await Clerk.start()];
    server = await startServer({ env: clerk.env({ CLERK_AUTHORIZED_PARTIES: PARTY }) });
    await until(async () => (await status(await clerk.token("user_0"))) === 200, "keys are read");
  });
  after(async () => {
    await server?.stop();
    await Promise.all([clerk?.stop(), other?.stop()]);
  });

  async function status(token) {
    const answer = await fetch(`${server.baseUrl}/api/v1/auth/session`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await answer.arrayBuffer();
    return answer.status;
  }

  async function sdkTakes(token, jwtKey) {
    try {
      await verifyToken(token, { jwtKey, authorizedParties: [PARTY] });
      return true;
    } catch {
      return false;
    }
  }

  test("are taken exactly where they shall be, and never where Clerk's SDK refuses", async () => {
    const tokens = await manyTokens(clerk, other);
    assert.ok(tokens.length >= LEAST_TOKENS, `${tokens.length} tokens are too few`);
    const jwtKey = clerk.keys.get("ins_first").pem;
    let stricter = 0;
    for (const [name, token, isGood] of tokens) {
      const [ours, theirs] = [await status(token), await sdkTakes(token, jwtKey)];
      assert.equal(ours, isGood ? 200 : 401, name);
      if (isGood) assert.ok(theirs, `the SDK refuses ${name}`);
      if (!isGood && theirs) {
        stricter += 1;
        assert.match(name, STRICTER, `the SDK takes ${name}`);
      }
    }
    assert.ok(stricter > 5);
  });

  test("by unknown keys do not send the server to the issuer again and again", async () => {
    const before = clerk.reads;
    const payload = part(clerk.claims("user_storm"));
    for (let i = 0; i < 500; i += 1) {
      const header = part({ alg: "RS256", kid: `ins_${i}${Math.random()}`, typ: "JWT" });
      assert.equal(await status(`${header}.${payload}.AAAA`), 401);
    }
    assert.ok(clerk.reads - before <= 2, `${clerk.reads - before} reads`);
  });

  test("go on while the issuer is down, also over a restart", async () => {
    clerk.isDown = true;
    assert.equal(await status(await clerk.token("user_down")), 200);
    await server.restart();
    await until(async () => (await status(await clerk.token("user_again"))) === 200, "recalled");
    assert.equal(await status(await other.token("user_again")), 401);
    clerk.isDown = false;
  });
});

describe("a public key in the configuration", { timeout: 120_000 }, () => {
  test("needs no issuer on the network", async () => {
    const clerk = await Clerk.start();
    clerk.isDown = true;
    const pem = clerk.keys.get("ins_first").pem;
    const server = await startServer({ env: clerk.env({ CLERK_JWT_KEY: pem }) });
    try {
      const token = await clerk.token("user_pem");
      await server.api("GET", "/api/v1/auth/session", { token, expect: 200 });
      const bad = await clerk.token("user_pem", { iss: "https://evil.example" });
      await server.api("GET", "/api/v1/auth/session", { token: bad, expect: "401 unauthorized" });
      assert.equal(clerk.reads, 0);
    } finally {
      await server.stop();
      await clerk.stop();
    }
  });
});
