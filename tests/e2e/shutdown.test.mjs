// How a server ends: told to all, with nothing in flight lost, and at once when asked twice.

import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, request } from "undici";

import { openVote, vote } from "./support/battles.mjs";
import { openRaw } from "./support/raw.mjs";
import { startServer, until } from "./support/server.mjs";

const LANES = 32;
const VOTERS = 400;
const START_WITHIN_MS = 20_000; // the machine may be busy

/** Waits until the server has heard the signal: it takes no more connections. */
function refuses(server) {
  return until(async () => {
    try {
      (await openRaw(server.port)).end();
      return false;
    } catch {
      return true;
    }
  }, "connections are refused");
}

describe("SIGTERM", { timeout: 600_000 }, () => {
  let server;

  afterEach(() => server?.stop());

  test("tells every socket `shutdown`, closes with 1012 and ends with 0", async () => {
    server = await startServer();
    const sockets = [];
    for (const who of await server.users(20)) {
      sockets.push(await server.socket({ token: who.token }));
    }
    const status = await server.terminate();
    assert.equal(status, 0);
    for (const socket of sockets) {
      const farewell = await socket.wait((one) => one.type === "shutdown");
      assert.equal(farewell.channel, "system");
      assert.ok(farewell.data.reconnectAfterMs >= 0);
      assert.equal((await socket.closed).code, 1012);
    }
  });

  test("lets every request that is in flight end", async () => {
    server = await startServer();
    const battle = await openVote(server, { voting: 60 });
    const voters = await server.users(VOTERS);
    const agent = new Agent({ connections: LANES, pipelining: 1 });
    const sent = new Set();
    const onSent = ({ headers }) => sent.add(/x-request-id: (\S+)/i.exec(headers)?.[1]);
    subscribe("undici:client:sendHeaders", onSent);
    const answered = new Map();
    // Lanes go on through the signal, until their line is closed.
    const lane = async () => {
      for (let voter = voters.pop(); voter; voter = voters.pop()) {
        try {
          const answer = await request(`${server.baseUrl}/api/v1/battles/${battle.id}/votes`, {
            method: "POST",
            dispatcher: agent,
            headers: {
              authorization: `Bearer ${voter.token}`,
              "content-type": "application/json",
              "x-request-id": voter.userId,
            },
            body: JSON.stringify({ entryId: battle.entryIds[voters.length % 2] }),
          });
          answered.set(voter.userId, { status: answer.statusCode, text: await answer.body.text() });
        } catch (fault) {
          answered.set(voter.userId, { status: 0, text: String(fault) });
          return;
        }
      }
    };
    const lanes = Array.from({ length: LANES }, lane);
    while (answered.size < VOTERS / 2) await pause(1);
    const inFlight = [...sent].filter((id) => !answered.has(id));
    const status = await server.terminate();
    await Promise.all(lanes);
    unsubscribe("undici:client:sendHeaders", onSent);
    await agent.destroy();
    assert.equal(status, 0);
    for (const id of inFlight) {
      assert.equal(answered.get(id).status, 201, answered.get(id).text);
    }
    const rows = await server.sql("SELECT user_id FROM votes WHERE battle_id = $1", [battle.id]);
    const counted = new Set(rows.map((row) => row.user_id));
    for (const [id, { status: code, text }] of answered) {
      assert.ok([0, 201].includes(code), text);
      if (code === 201) assert.ok(counted.has(id), "an answered vote is lost");
    }
  });

  test("answers a request whose body is still on its way, then takes no more", async () => {
    server = await startServer();
    const connection = await openRaw(server.port);
    connection.send("POST /dev/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
      "Content-Length: 2\r\n\r\n{");
    await pause(200);
    const ended = server.terminate();
    await refuses(server);
    connection.send("}");
    const [answer] = await connection.closed();
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.connection, "close");
    connection.end();
    assert.equal(await ended, 0);
  });

  test("ends within the grace though a client holds on", async () => {
    server = await startServer({ env: { WILDNOUT_GRACE: "2s" } });
    const connection = await openRaw(server.port);
    connection.send("POST /dev/token HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n");
    await pause(200);
    const began = performance.now();
    assert.equal(await server.terminate(), 0);
    const taken = performance.now() - began;
    assert.ok(taken > 1000 && taken < 9000, `${taken} ms`); // the grace is 10 s unless it is set
    connection.end();
  });

  test("a second signal ends it at once", async () => {
    server = await startServer({ env: { WILDNOUT_GRACE: "50s" } });
    const connection = await openRaw(server.port);
    connection.send("POST /dev/token HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n");
    await pause(200);
    const ended = server.terminate();
    await refuses(server);
    const began = performance.now();
    server.child.kill("SIGTERM");
    const status = await ended;
    assert.ok(performance.now() - began < 25_000, "it waited for its grace");
    assert.notEqual(status, 0);
    connection.end();
  });

  test("SIGINT is answered as SIGTERM, and the server comes back on the same data", async () => {
    server = await startServer();
    const before = await server.user();
    server.child.kill("SIGINT");
    assert.equal(await server.exited, 0);
    const began = performance.now();
    await server.restart();
    assert.ok(performance.now() - began < START_WITHIN_MS, "a second start takes too long");
    await before.ask("GET", "/users/me", { expect: 200 });
    const { id, entryIds } = await openVote(server);
    await vote(before, id, entryIds[0], { expect: 201 });
  });
});
