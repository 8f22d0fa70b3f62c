// The WebSocket: opening, commands, presence, resuming, misuse.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { battleBody, openVote, vote } from "./support/battles.mjs";
import { askRaw } from "./support/raw.mjs";
import { startServer, until } from "./support/server.mjs";

const RESUMES = 12;
const VOTERS = 150;
const MALFORMED_BEFORE_CLOSE = 10;
const MESSAGE_BYTES = 64 * 1024;

let server;
let user;

before(async () => {
  server = await startServer();
  user = await server.user({ username: "listener" });
});
after(() => server?.stop());

const ticketOf = async (who) =>
  (await who.ask("POST", "/auth/ws-ticket", { expect: 200 })).body.ticket;

async function refusal(credentials) {
  const socket = await server.socket(credentials, { isAwaited: false });
  return socket.closed;
}

describe("opening a socket", { timeout: 600_000 }, () => {
  test("works with a token as protocol, a token in the URL, and a ticket", async () => {
    const ticket = await ticketOf(user);
    const ways = [{ token: user.token }, { urlToken: user.token }, { ticket }];
    for (const way of ways) {
      const socket = await server.socket(way);
      const { welcome } = socket;
      assert.equal(welcome.status, "connected");
      assert.equal(welcome.userId, user.userId);
      assert.match(welcome.connectionId, /^[0-9a-f-]{36}$/);
      assert.ok(Math.abs(welcome.timestamp - Date.now()) < 60_000);
      assert.ok(welcome.resume[`user:${user.userId}`].epoch);
      assert.equal(socket.messages[0], welcome, "the welcome comes first");
      assert.equal(socket.raw.protocol, way.token ? "wildnout.v1" : "");
      await socket.close();
    }
  });

  test("without or with bad credentials opens and closes with 1008", async () => {
    assert.deepEqual(await refusal({}), { code: 1008, reason: "Authentication required" });
    const invalid = { code: 1008, reason: "Invalid authentication" };
    assert.deepEqual(await refusal({ token: "abc" }), invalid);
    assert.deepEqual(await refusal({ token: `${user.token.slice(0, -8)}AAAAAAAA` }), invalid);
    assert.deepEqual(await refusal({ urlToken: "a.b.c" }), invalid);
    assert.deepEqual(await refusal({ ticket: "no-such-ticket" }), invalid);
    const brief = await server.user({ ttlSeconds: 1 });
    await pause(7500); // past its end and the five seconds that clocks may differ
    assert.deepEqual(await refusal({ token: brief.token }), invalid);
  });

  test("a ticket opens one socket, however many try at once", async () => {
    const ticket = await ticketOf(user);
    const sockets = await Promise.all(Array.from({ length: 10 }, () =>
      server.socket({ ticket }, { isAwaited: false })));
    const outcomes = await Promise.all(sockets.map((socket) =>
      Promise.race([socket.closed.then(({ code }) => code),
        socket.wait((one) => one.type === "connection").then(() => 0, () => 1008)])));
    assert.deepEqual(outcomes.sort((a, b) => a - b), [0, ...Array(9).fill(1008)]);
    for (const socket of sockets) socket.end();
  });

  test("a plain GET and another version of the protocol are no sockets", async () => {
    const plain = await server.api("GET", "/ws");
    assert.ok([400, 404].includes(plain.status));
    const answer = await askRaw(server.port, [
      "GET /ws HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 12", "", "",
    ].join("\r\n"));
    assert.equal(answer.status, 426);
    assert.equal(answer.headers["sec-websocket-version"], "13");
  });
});

describe("commands", { timeout: 600_000 }, () => {
  test("ping, unknown types, unknown and forbidden channels", async () => {
    const socket = await server.socket({ token: user.token });
    const pong = await socket.ask({ type: "ping" });
    assert.equal(pong.type, "pong");
    const codes = {
      "no-such-thing": "not_found",
      "battle:0198c0de-0000-7000-8000-000000000000": "not_found",
      "battle:x": "not_found",
      "user:0198c0de-0000-7000-8000-000000000000": "forbidden",
    };
    for (const [channel, code] of Object.entries(codes)) {
      const answer = await socket.ask({ type: "subscribe", channel });
      assert.deepEqual([answer.type, answer.error.code], ["error", code], channel);
    }
    for (const message of [{ type: "dance" }, { type: "subscribe" },
      { type: "subscribe", channel: "battles", since: { epoch: 1 } },
      { type: "authenticate" }, { type: "typing", channel: "conversation:1" },
      { type: "unsubscribe", channel: "system" }]) {
      const answer = await socket.ask(message);
      assert.equal(answer.type, "error", JSON.stringify(message));
      assert.ok(answer.error.code && answer.error.message);
    }
    assert.equal((await socket.ask({ type: "ping" })).type, "pong", "it lives on");
    await socket.close();
  });

  test("authenticate takes a fresh token of the same user alone", async () => {
    const socket = await server.socket({ token: user.token });
    const fresh = await server.token({ userId: user.userId });
    const answer = await socket.ask({ type: "authenticate", token: fresh.token });
    assert.equal(answer.type, "authenticated");
    assert.ok(Date.parse(answer.expiresAt) > Date.now());
    const other = await server.user();
    const refused = await socket.ask({ type: "authenticate", token: other.token });
    assert.equal(refused.error.code, "unauthorized");
    await socket.close();
  });

  test("subscribe answers with state and position, unsubscribe ends it", async () => {
    const { id, entryIds } = await openVote(server);
    const channel = `battle:${id}`;
    const socket = await server.socket({ token: user.token });
    const joined = await socket.subscribe(channel);
    assert.equal(joined.recovered, false);
    assert.equal(joined.snapshot.battle.id, id);
    assert.equal(joined.snapshot.tally.totalVotes, 0);
    await vote(await server.user(), id, entryIds[0], { expect: 201 });
    const tally = await socket.wait((one) => one.type === "battle.tally");
    assert.equal(tally.data.totalVotes, 1);
    assert.equal(tally.seq, joined.seq + 1);
    const left = await socket.ask({ type: "unsubscribe", channel });
    assert.equal(left.type, "unsubscribed");
    await vote(await server.user(), id, entryIds[0], { expect: 201 });
    await pause(500);
    assert.equal(socket.on(channel).length, 1);
    await socket.close();
  });

  test("presence counts people, not sockets", async () => {
    const { body: battle } = await user.ask("POST", "/battles",
      { body: battleBody({ startsIn: 600 }), expect: 201 });
    const channel = `battle:${battle.id}`;
    const others = await server.users(3);
    const sockets = [];
    for (const who of [user, user, ...others]) {
      const socket = await server.socket({ token: who.token });
      await socket.subscribe(channel);
      sockets.push(socket);
    }
    const seen = async () => {
      const answer = await sockets[0].ask({ type: "presence", channel });
      assert.equal(answer.users.length, answer.count);
      return answer;
    };
    const four = await until(async () => {
      const answer = await seen();
      return answer.count === 4 && answer;
    }, "four are present");
    const ids = four.users.map((one) => one.id).sort();
    assert.deepEqual(ids, [user, ...others].map((one) => one.userId).sort());
    assert.ok(four.users.every((one) => typeof one.displayName === "string"));
    await sockets[1].close();
    await sockets[4].close();
    await until(async () => (await seen()).count === 3, "one has left");
    for (const socket of sockets) socket.end();
  });
});

describe("misuse", { timeout: 600_000 }, () => {
  test("the tenth malformed message closes with 1008", async () => {
    const malformed = ["", "hello", "[]", "1", "null", "{}", `{"type":1}`, `{"type":`, `"x"`,
      "[[["];
    assert.equal(malformed.length, MALFORMED_BEFORE_CLOSE);
    const socket = await server.socket({ token: user.token });
    for (const message of malformed) socket.send(message);
    assert.equal((await socket.closed).code, 1008);
    const complaints = socket.messages.filter((one) => one.type === "error");
    assert.equal(complaints.length, MALFORMED_BEFORE_CLOSE - 1);
  });

  test("a message past 64 KiB closes with 1009, one at the bound is read", async () => {
    const socket = await server.socket({ token: user.token });
    const padded = (bytes) => {
      const bare = JSON.stringify({ type: "ping", id: 1, pad: "" });
      return JSON.stringify({ type: "ping", id: 1, pad: "x".repeat(bytes - bare.length) });
    };
    socket.send(padded(MESSAGE_BYTES));
    await socket.wait((one) => one.type === "pong");
    socket.send(padded(MESSAGE_BYTES + 1));
    assert.equal((await socket.closed).code, 1009);
  });

  test("binary messages and broken UTF-8 close the socket with their codes", async () => {
    const binary = await server.socket({ token: user.token });
    binary.raw.send(Buffer.from("{}"), { binary: true });
    assert.equal((await binary.closed).code, 1003);
    const broken = await server.socket({ token: user.token });
    broken.raw.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    assert.equal((await broken.closed).code, 1007);
  });

  test("a deflated bomb closes with 1009", async () => {
    const socket = await server.socket({ token: user.token }, { perMessageDeflate: true });
    assert.match(socket.raw.extensions, /permessage-deflate/);
    socket.send(JSON.stringify({ type: "ping", pad: "x".repeat(8 * 1024 * 1024) }));
    assert.equal((await socket.closed).code, 1009);
  });

  test("permessage-deflate carries commands and large answers", async () => {
    const options = { perMessageDeflate: { threshold: 0 } };
    const socket = await server.socket({ token: user.token }, options);
    const { id } = await openVote(server);
    const joined = await socket.subscribe(`battle:${id}`);
    assert.equal(joined.snapshot.battle.id, id);
    assert.equal((await socket.ask({ type: "ping" })).type, "pong");
    await socket.close();
  });
});

describe("resuming", { timeout: 600_000 }, () => {
  test("after each cut nothing is lost, repeated or out of order", async () => {
    const { id, entryIds } = await openVote(server, { voting: 100 });
    const channel = `battle:${id}`;
    const voters = await server.users(VOTERS);
    let isOver = false;
    const load = (async () => {
      for (const [number, voter] of voters.entries()) {
        await vote(voter, id, entryIds[number % 2], { expect: 201 });
        await pause(20);
      }
      isOver = true;
    })();
    const seen = [];
    let position = null;
    for (let round = 0; round < RESUMES || !isOver; round += 1) {
      const socket = await server.socket({ token: user.token });
      const joined = await socket.subscribe(channel, position);
      if (position) assert.equal(joined.recovered, true, `round ${round}`);
      else position = { epoch: joined.epoch, seq: joined.seq };
      assert.equal(joined.epoch, position.epoch);
      await pause(200 + 10 * (round % 5));
      socket.end();
      await socket.closed;
      for (const message of socket.on(channel)) {
        const step = 1 + (message.skipped ?? 0);
        assert.equal(message.seq, position.seq + step, "a message is lost or repeated");
        position = { ...position, seq: message.seq };
        seen.push(message);
      }
    }
    await load;
    const last = await server.socket({ token: user.token });
    await last.subscribe(channel, position);
    await until(() => [...seen, ...last.on(channel)].at(-1)?.data.totalVotes === VOTERS,
      "the last tally is the true one");
    const totals = [...seen, ...last.on(channel)].map((one) => one.data.totalVotes);
    assert.deepEqual(totals, [...totals].sort((a, b) => a - b));
    last.end();
  });

  test("an old epoch or a position from the future is not recovered", async () => {
    const { id } = await openVote(server);
    const socket = await server.socket({ token: user.token });
    const channel = `battle:${id}`;
    const strange = await socket.subscribe(channel, { epoch: "0123456789abcdef", seq: 1 });
    assert.equal(strange.recovered, false);
    const ahead = await socket.subscribe(channel, { epoch: strange.epoch, seq: 1_000_000 });
    assert.equal(ahead.recovered, false);
    await socket.close();
  });
});
