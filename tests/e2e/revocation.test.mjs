// What ends on one node has ended on every node, for requests and for open sockets.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startServer, until } from "./support/server.mjs";

// Promised within a second; the machine may be busy, so a test that waits longer only then fails.
const PROMISED_MS = 1_000;
const PATIENCE_MS = 10_000;

describe("two nodes over one database", { timeout: 120_000 }, () => {
  let first;
  let second;

  before(async () => {
    first = await startServer();
    second = await startServer({
      databaseUrl: first.databaseUrl,
      env: { WILDNOUT_DATA: first.data },
    });
  });
  after(async () => {
    await second?.stop();
    await first?.stop();
  });

  const session = (server, token) => server.api("GET", "/api/v1/auth/session", { token });
  const refusedBy = async (server, token, code) => {
    const { body } = await session(server, token);
    return body.error?.code === code;
  };

  test("a logout on one is felt on the other and on its socket within a second", async () => {
    const times = [];
    for (let i = 0; i < 5; i += 1) {
      const user = await first.user();
      assert.equal((await session(second, user.token)).status, 200);
      const socket = await second.socket({ token: user.token });
      const began = performance.now();
      await first.api("POST", "/api/v1/auth/logout", { token: user.token, expect: 204 });
      await first.api("GET", "/api/v1/auth/session", {
        token: user.token,
        expect: "401 session_revoked",
      });
      const [ending] = await Promise.all([
        socket.closed,
        until(() => refusedBy(second, user.token, "session_revoked"), "refused", PATIENCE_MS, 5),
      ]);
      times.push(performance.now() - began);
      assert.equal(ending.code, 4401);
    }
    assert.ok(Math.min(...times) < PROMISED_MS, `took ${times.map(Math.round)} ms`);
  });

  test("another session of the same user goes on", async () => {
    const user = await first.user();
    const other = await first.token({ userId: user.userId });
    const socket = await second.socket({ token: other.token });
    await user.ask("GET", "/auth/session", { expect: 200 });
    const { body } = await first.api("GET", "/api/v1/auth/sessions", { token: other.token });
    assert.ok(body.items.some((item) => item.id === user.sessionId && !item.current));
    await first.api("DELETE", `/api/v1/auth/sessions/${user.sessionId}`, {
      token: other.token,
      expect: 204,
    });
    await until(() => refusedBy(second, user.token, "session_revoked"), "refused");
    assert.equal((await session(second, other.token)).status, 200);
    assert.equal(socket.ending, undefined);
    const fresh = await first.token({ userId: user.userId });
    const answer = await socket.ask({ type: "authenticate", token: fresh.token });
    assert.equal(answer.type, "authenticated");
    const dead = await socket.ask({ type: "authenticate", token: user.token });
    assert.equal(dead.type, "error");
    await first.api("POST", "/api/v1/auth/logout", { token: fresh.token, expect: 204 });
    assert.equal((await socket.closed).code, 4401);
  });

  test("a lost connection for notices delays nothing by more than a look", async () => {
    const user = await first.user();
    assert.equal((await session(second, user.token)).status, 200);
    await first.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity " +
      "WHERE datname = current_database() AND query LIKE 'LISTEN%'");
    await first.api("POST", "/api/v1/auth/logout", { token: user.token, expect: 204 });
    await until(() => refusedBy(second, user.token, "session_revoked"), "refused");
  });

  test("a socket whose session is not proved again in time is closed", async () => {
    await second.restart({ WILDNOUT_SOCKET_REAUTH: "1s" });
    const user = await first.user();
    const socket = await second.socket({ token: user.token });
    assert.equal((await socket.closed).code, 4401);
  });
});
