// Secrets and tokens are sent through every route and every header, and never reach the log.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { Webhook } from "svix";
import { request } from "undici";
import WebSocket from "ws";

import { Clerk } from "./support/clerk.mjs";
import { refuseConnections } from "./support/database.mjs";
import { runBinary, startServer, until } from "./support/server.mjs";
import { clerkUser, sendWebhook } from "./support/webhook.mjs";

const NOBODY = "0198c0de-0000-7000-8000-000000000001";
const WITHIN_MS = 60_000;

/** Texts that must not be found again. `make(name)` gives one that no other test knows. */
class Canaries {
  #texts = new Map();

  make(name, text = `canary${randomBytes(12).toString("hex")}`) {
    this.#texts.set(text, name);
    return text;
  }

  /** Of a token what proves it: nobody else has the signature. */
  makeOf(name, token) {
    this.make(`${name}, whole`, token);
    this.make(`${name}, its signature`, token.split(".").at(-1));
    return token;
  }

  assertAbsent(log) {
    const found = [...this.#texts].filter(([text]) => log.includes(text));
    assert.deepEqual(found.map(([, name]) => name), [], "found in the log");
  }
}

const jwtLike = (canary) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ alg: "RS256", kid: "ins_first", typ: "JWT" });
  return `${head}.${part({ sub: canary, sid: canary })}.${canary}`;
};

/** Everything a client could send a secret in, for one route. */
function requestsOf(canaries, { token, csrf }) {
  const query = new URLSearchParams(["token", "ticket", "access_token", "__session", "q", "cursor"]
    .map((name) => [name, canaries.make(`query ${name}`)]));
  const json = { "content-type": "application/json" };
  return [
    { headers: { authorization: `Bearer ${canaries.make("bearer")}` } },
    { headers: { authorization: `Bearer ${jwtLike(canaries.make("bearer like a JWT"))}` } },
    { headers: { authorization: `Basic ${canaries.make("basic")}` } },
    { headers: { authorization: canaries.make("authorization with no scheme") } },
    { headers: { cookie: `__session=${canaries.make("cookie")}; a=${canaries.make("other")}` } },
    {
      headers: {
        ...json,
        cookie: `__session=${token}`,
        "x-csrf-token": canaries.make("csrf"),
      },
      body: "{}",
    },
    { headers: { ...json, cookie: `__session=${token}`, "x-csrf-token": csrf }, body: "{}" },
    {
      headers: {
        ...json,
        authorization: `Bearer ${token}`,
        "idempotency-key": canaries.make("idempotency key"),
        "x-explain": "1",
      },
      body: JSON.stringify({ token: canaries.make("body"), email: canaries.make("body's email") }),
    },
    {
      headers: { ...json, authorization: `Bearer ${token}` },
      body: `{"secret": "${canaries.make("malformed body")}`,
    },
    { query: `?${query}`, headers: { authorization: `Bearer ${token}` } },
    {
      headers: {
        ...json,
        "svix-id": `msg_${randomUUID()}`,
        "svix-timestamp": String(Math.floor(Date.now() / 1000)),
        "svix-signature": `v1,${canaries.make("webhook signature")}`,
      },
      body: JSON.stringify({ type: "user.created", data: { id: canaries.make("webhook") } }),
    },
    {
      headers: {
        authorization: `Bearer ${token}`,
        "proxy-authorization": canaries.make("proxy"),
        "x-api-key": canaries.make("api key"),
        "sec-websocket-protocol": canaries.make("sub-protocol"),
        referer: `https://example.com/?token=${canaries.make("referer")}`,
      },
    },
  ];
}

async function sendEverywhere(server, canaries, credentials) {
  const { document } = await server.http.contract();
  let sent = 0;
  for (const [path, item] of Object.entries(document.paths)) {
    for (const verb of Object.keys(item)) {
      // Ends the session by which all else is asked.
      if (verb === "post" && path.endsWith("/auth/logout")) continue;
      if (verb === "delete" && path.endsWith("/users/me")) continue;
      const target = path.replace(/\{[^}]+\}/g, NOBODY);
      const method = verb.toUpperCase();
      await Promise.all(requestsOf(canaries, credentials).map(async (one) => {
        const answer = await request(server.baseUrl + target + (one.query ?? ""), {
          method,
          headers: one.headers,
          body: method === "GET" ? undefined : one.body,
          headersTimeout: WITHIN_MS,
          bodyTimeout: WITHIN_MS,
        });
        await answer.body.dump();
        sent += 1;
      }));
    }
  }
  return sent;
}

/** Opens a socket with the credentials, says the messages, and waits for its end. */
async function speak(server, { query = "", protocols = [], headers = {}, messages = [] }) {
  const socket = new WebSocket(`${server.wsUrl}${query}`, protocols, { headers });
  socket.on("error", () => {});
  const closed = new Promise((resolve) => {
    socket.on("close", resolve);
  });
  socket.on("open", () => {
    for (const message of messages) socket.send(message);
    socket.send("{");
    setTimeout(() => socket.close(), 200);
  });
  await closed;
}

async function sendRaw(server, text) {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  const closed = new Promise((resolve) => {
    socket.on("close", resolve);
  });
  socket.end(text);
  await closed;
}

const broken = (canaries) => [
  `GET /health HTTP/1.1\r\nHost: x\r\nAuthorization: ${canaries.make("bad head")}\x01\r\n\r\n`,
  `GET /health?token=${canaries.make("bad version")} HTTP/9.9\r\nHost: x\r\n\r\n`,
  `GET /he\x7falth?token=${canaries.make("bad target")} HTTP/1.1\r\nHost: x\r\n\r\n`,
  `${canaries.make("no request")}\r\n\r\n`,
  `POST /api/v1/battles HTTP/1.1\r\nHost: x\r\nCookie: __session=${canaries.make("no length")}` +
    "\r\nContent-Length: abc\r\n\r\n",
  `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${canaries.make("long head")}${"x".repeat(20_000)}\r\n\r\n`,
];

for (const format of ["json", "text"]) {
  describe(`a log as ${format}, at its finest level`, { timeout: 300_000 }, () => {
    test("holds no secret and no token", async () => {
      const canaries = new Canaries();
      const keyBytes = canaries.make("encryption key", randomBytes(32).toString("hex"));
      const secretBytes = canaries.make("webhook secret", randomBytes(24).toString("base64"));
      const password = canaries.make("password of the database");
      const clerk = await Clerk.start();
      const server = await startServer({
        isAwaited: false,
        env: clerk.env({
          WILDNOUT_LOG: "debug",
          WILDNOUT_LOG_FORMAT: format,
          ENCRYPTION_KEYS: `k1:${keyBytes}`,
          CLERK_WEBHOOK_SECRETS: `whsec_${secretBytes}`,
          CLERK_SECRET_KEY: canaries.make("key of Clerk's API"),
        }),
      });
      try {
        await server.ready();
        await server.terminate();
        const separator = server.databaseUrl.includes("?") ? "&" : "?";
        await server.restart({
          DATABASE_URL: `${server.databaseUrl}${separator}password=${password}`,
        });
        const token = canaries.makeOf("good token", await clerk.token("user_a"));
        await until(async () =>
          (await server.api("GET", "/api/v1/auth/session", { token })).status === 200,
        "keys are read");
        const csrf = (await server.api("GET", "/api/v1/auth/csrf", { token })).body.csrfToken;
        canaries.make("good csrf token", csrf);
        const email = `${canaries.make("address")}@example.org`;
        await sendWebhook(server, `whsec_${secretBytes}`, "user.updated",
          clerkUser("user_a", email, Date.now()));
        await openArchive(server, canaries, token);
        const issued = await server.user({ roles: ["admin"] });
        canaries.makeOf("development token", issued.token);
        for (const one of [token, issued.token]) {
          const sent = await sendEverywhere(server, canaries, { token: one, csrf });
          assert.ok(sent > 500, `${sent} requests`);
        }
        const expired = canaries.makeOf("expired token",
          await clerk.token("user_a", { exp: Math.floor(Date.now() / 1000) - 600 }));
        await server.api("GET", "/api/v1/users/me", {
          token: expired,
          expect: "401 token_expired",
        });
        await sendSockets(server, canaries, await clerk.token("user_a"));
        await Promise.all(broken(canaries).map((text) => sendRaw(server, text)));
        await sendForged(server, canaries, secretBytes);
        // With the database away every request fails somewhere in the middle.
        const admit = await refuseConnections(server.databaseUrl);
        await sendEverywhere(server, canaries, { token: issued.token, csrf });
        await admit();
        await server.ready();
        await server.terminate();
        const log = server.log();
        assert.ok(log.split("\n").length > 1_000, "the log is not at its finest");
        assert.match(log, /answered/);
        canaries.assertAbsent(log);
      } finally {
        await server.stop();
        await clerk.stop();
      }
    });
  });
}

/** Whoever has an archive's link has the archive. */
async function openArchive(server, canaries, token) {
  const { body } = await server.api("POST", "/api/v1/users/me/exports", { token, expect: 202 });
  const path = `/api/v1/users/me/exports/${body.exportId}`;
  const link = await until(async () =>
    (await server.api("GET", path, { token, expect: 200 })).body.downloadUrl,
  "the archive is ready");
  const { pathname, search, searchParams } = new URL(link, server.baseUrl);
  const signature = canaries.make("signature of a link", searchParams.get("signature"));
  const archive = await fetch(server.baseUrl + pathname + search);
  assert.equal(archive.status, 200);
  await archive.arrayBuffer();
  const forged = search.replace(signature, canaries.make("forged signature of a link"));
  const refused = await fetch(server.baseUrl + pathname + forged);
  assert.notEqual(refused.status, 200);
  await refused.arrayBuffer();
}

async function sendSockets(server, canaries, token) {
  canaries.makeOf("token of a socket", token);
  const bearer = { authorization: `Bearer ${token}` };
  const answer = await server.api("POST", "/api/v1/auth/ws-ticket", { token });
  const ticket = canaries.make("good ticket", answer.body.ticket);
  const authenticate = (text) => JSON.stringify({ type: "authenticate", id: 1, token: text });
  const messages = [
    authenticate(canaries.make("token in a message")),
    authenticate(jwtLike(canaries.make("JWT in a message"))),
    JSON.stringify({ type: canaries.make("type of a message"), token: canaries.make("field") }),
    canaries.make("no message"),
  ];
  await Promise.all([
    { query: `?ticket=${ticket}`, messages },
    { query: `?ticket=${canaries.make("ticket")}` },
    { query: `?token=${token}`, messages },
    { query: `?token=${canaries.make("token in a query")}` },
    { protocols: [canaries.make("sub-protocol of a socket")], headers: bearer, messages },
    { protocols: ["wildnout.v1", `bearer.${token}`], messages },
    { protocols: ["wildnout.v1", `bearer.${canaries.make("bearer in a sub-protocol")}`] },
    { headers: { cookie: `__session=${token}` }, messages },
    { headers: { authorization: `Bearer ${canaries.make("bearer of a socket")}` } },
  ].map((one) => speak(server, one)));
}

/** Signed by the right secret, and not what the signature is of, or too old. */
async function sendForged(server, canaries, secretBytes) {
  const webhook = new Webhook(`whsec_${secretBytes}`);
  const body = JSON.stringify({ type: "user.created", data: { id: canaries.make("forged") } });
  for (const age of [0, 3_600_000]) {
    const id = `msg_${randomUUID()}`;
    const at = new Date(Date.now() - age);
    const signature = webhook.sign(id, at, body);
    canaries.make("good signature", signature);
    await server.api("POST", "/api/v1/webhooks/clerk", {
      raw: age === 0 ? `${body} ` : body,
      headers: {
        "content-type": "application/json",
        "svix-id": id,
        "svix-timestamp": String(Math.floor(at.getTime() / 1000)),
        "svix-signature": signature,
      },
      expect: "400 invalid_webhook",
    });
  }
}

test("faults of the configuration are told without the secrets in it", async () => {
  const canaries = new Canaries();
  const env = {
    ENCRYPTION_KEYS: `k1:${canaries.make("half a key")}`,
    CLERK_WEBHOOK_SECRETS: `whsec_${canaries.make("no secret")}!`,
    CLERK_JWT_KEY: `-----BEGIN PUBLIC KEY-----\n${canaries.make("no PEM")}`,
    CLERK_SECRET_KEY: canaries.make("key of Clerk's API"),
    DATABASE_URL: `postgresql://somebody:${canaries.make("password")}@127.0.0.1:1/none`,
  };
  for (const command of ["config", "serve", "doctor"]) {
    const { code, stdout, stderr } = await runBinary([command], env);
    assert.notEqual(code, 0, command);
    canaries.assertAbsent(stdout + stderr);
  }
  const good = { DATABASE_URL: env.DATABASE_URL, ENCRYPTION_KEYS: `k1:${"ab".repeat(32)}` };
  const { stdout, stderr } = await runBinary(["config"], good);
  canaries.assertAbsent(stdout + stderr);
  assert.ok(!(stdout + stderr).includes("ab".repeat(32)), "config prints a key");
});
