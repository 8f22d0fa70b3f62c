// HTTP at its edges, over bare sockets: smuggling, slow heads, sizes, 10,000 idle connections.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { askRaw, openRaw } from "./support/raw.mjs";
import { startServer } from "./support/server.mjs";

const HEAD_WITHIN_MS = 10_000;
const SWEEP_MS = 30_000; // the server looks at its deadlines in steps; and the machine is busy
const IDLE_CONNECTIONS = 10_000;
const OPENED_AT_ONCE = 200;
const QUICK_MS = 250;
const TIMES_SLOWER = 10; // than before

const lines = (...all) => `${all.join("\r\n")}\r\n\r\n`;
const HOST = "Host: x";
const GET = lines("GET /health HTTP/1.1", HOST);

describe("HTTP at its edges", { timeout: 600_000 }, () => {
  let server;
  let contract;

  before(async () => {
    server = await startServer();
    contract = await server.http.contract();
  });
  after(() => server?.stop());

  /** Every refusal has the promised shape, the request id and the version, and ends the line. */
  function checkRefusal(what, answer, statuses) {
    assert.ok(answer, `${what}: closed without an answer`);
    assert.ok(statuses.includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
    const body = contract.checkSchema("Error", JSON.parse(answer.text), what);
    assert.equal(answer.headers["x-request-id"], body.error.requestId, what);
    assert.equal(answer.headers["api-version"], "1", what);
    assert.match(answer.headers["content-type"], /^application\/json/, what);
  }

  const post = (...fields) => ["POST /dev/token HTTP/1.1", HOST, "Content-Type: application/json",
    ...fields];

  // What a proxy in front could read in another way than we do. A second request follows each,
  // which must never be answered.
  const SMUGGLING = {
    "both lengths": lines(...post("Content-Length: 4", "Transfer-Encoding: chunked")) + "0\r\n\r\n",
    "both lengths, the other way round":
      lines(...post("Transfer-Encoding: chunked", "Content-Length: 4")) + "0\r\n\r\n",
    "two lengths": lines(...post("Content-Length: 2", "Content-Length: 3")) + "{} ",
    "a negative length": lines(...post("Content-Length: -1")),
    "a length with a sign": lines(...post("Content-Length: +2")) + "{}",
    "a length in hexadecimal": lines(...post("Content-Length: 0x2")) + "{}",
    "a length beyond 64 bits": lines(...post("Content-Length: 18446744073709551618")) + "{}",
    "an unknown coding": lines(...post("Transfer-Encoding: gzip")) + "{}",
    "chunked twice": lines(...post("Transfer-Encoding: chunked, chunked")) + "0\r\n\r\n",
    "chunked not last": lines(...post("Transfer-Encoding: chunked, identity")) + "0\r\n\r\n",
    "a coding with a tab": lines(...post("Transfer-Encoding:\u000bchunked")) + "0\r\n\r\n",
    "a blank before the colon": lines(...post("Content-Length : 2")) + "{}",
    "a folded line": lines(...post("X-Folded: a", " b", "Content-Length: 2")) + "{}",
    "a folded length": lines(...post("Content-Length:", " 2")) + "{}",
    "a first line of blanks": lines(" GET /health HTTP/1.1", HOST),
    "a field with no name": lines("GET /health HTTP/1.1", HOST, ": x"),
    "a zero byte in a field": lines("GET /health HTTP/1.1", HOST, "X-Zero: a\0b"),
    "a bare carriage return": lines("GET /health HTTP/1.1", HOST, "X-Bare: a\rX-More: b"),
    "no host": lines("GET /health HTTP/1.1"),
    "two hosts": lines("GET /health HTTP/1.1", HOST, "Host: y"),
    "a host with a path": lines("GET /health HTTP/1.1", "Host: x/y"),
    "a target with a blank": lines("GET /health /x HTTP/1.1", HOST),
    "chunked in HTTP/1.0":
      lines("POST /dev/token HTTP/1.0", HOST, "Transfer-Encoding: chunked") + "0\r\n\r\n",
    "chunk sizes that are none":
      lines(...post("Transfer-Encoding: chunked")) + "2x\r\n{}\r\n0\r\n\r\n",
    "a negative chunk": lines(...post("Transfer-Encoding: chunked")) + "-2\r\n{}\r\n0\r\n\r\n",
    "a chunk beyond 64 bits":
      lines(...post("Transfer-Encoding: chunked")) + "10000000000000002\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says":
      lines(...post("Transfer-Encoding: chunked")) + "1\r\n{}\r\n0\r\n\r\n",
  };
  for (const [what, bytes] of Object.entries(SMUGGLING)) {
    test(`smuggling is refused and ends the connection: ${what}`, async () => {
      const connection = await openRaw(server.port);
      connection.send(Buffer.from(bytes, "latin1"), GET);
      const answers = await connection.closed();
      connection.end();
      assert.equal(answers.length, 1, `${what}: ${JSON.stringify(answers)}`);
      checkRefusal(what, answers[0], [400, 413]);
    });
  }

  test("a length said twice alike is refused, or is that length", async () => {
    for (const fields of [["Content-Length: 2, 2"], ["Content-Length: 2", "Content-Length: 2"]]) {
      const connection = await openRaw(server.port);
      connection.send(lines(...post(...fields)), "{}", GET);
      const [first] = await connection.answers(1);
      if (first.status === 200) {
        const both = await connection.answers(2);
        assert.equal(both[1].text, '{"status":"ok"}', "the second request is another one");
      } else {
        checkRefusal(fields.join(), first, [400]);
      }
      connection.end();
    }
  });

  test("what is no HTTP is refused", async () => {
    for (const bytes of ["hello\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\n\n", "GET /\r\n\r\n",
      lines("GET /health HTTP/3.0", HOST), lines("G@T /health HTTP/1.1", HOST)]) {
      const answer = await askRaw(server.port, Buffer.from(bytes, "latin1"));
      checkRefusal(JSON.stringify(bytes), answer, [400, 505]);
    }
  });

  test("unknown and forbidden methods are answered as such", async () => {
    for (const method of ["BREW", "TRACE", "PROPFIND"]) {
      const answer = await askRaw(server.port, lines(`${method} /health HTTP/1.1`, HOST));
      checkRefusal(method, answer, [400, 405]);
      if (answer.status === 405) assert.match(answer.headers.allow, /GET/);
    }
    const connect = await askRaw(server.port, lines("CONNECT x:80 HTTP/1.1", HOST));
    checkRefusal("CONNECT", connect, [405]);
    assert.ok(connect.headers.allow);
  });

  test("a path that climbs is not another path", async () => {
    for (const path of ["/api/v1/battles/../users/me", "/../etc/passwd", "/./health", "//health"]) {
      const answer = await askRaw(server.port, lines(`GET ${path} HTTP/1.1`, HOST));
      checkRefusal(path, answer, [400, 404]);
    }
  });

  test("heads that are too large are refused, those at the bound are read", async () => {
    const field = (bytes) => `X-Long: ${"x".repeat(bytes)}`;
    const fields = (count) => Array.from({ length: count }, (_, number) => `X-${number}: y`);
    const ask = (...more) => askRaw(server.port, lines("GET /health HTTP/1.1", HOST, ...more));
    assert.equal((await ask(field(15_000))).status, 200);
    checkRefusal("17 KiB", await ask(field(17 * 1024)), [431]);
    checkRefusal("1 MiB", await ask(field(1024 * 1024)), [431]);
    assert.equal((await ask(...fields(63))).status, 200);
    checkRefusal("65 fields", await ask(...fields(64)), [431]);
    checkRefusal("5,000 fields", await ask(...fields(5000)), [431]);
    const long = lines(`GET /health?${"x".repeat(20_000)} HTTP/1.1`, HOST);
    checkRefusal("a long target", await askRaw(server.port, long), [414, 431]);
  });

  test("a body that is announced too large is refused before it comes", async () => {
    const head = lines(...post("Content-Length: 10000000"));
    checkRefusal("announced", await askRaw(server.port, head), [413]);
    const chunked = lines(...post("Transfer-Encoding: chunked"));
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    checkRefusal("in chunks", await askRaw(server.port, chunked, chunk.repeat(20)), [413]);
    const asks = lines(...post("Content-Length: 2", "Expect: 100-continue"));
    const connection = await openRaw(server.port);
    connection.send(asks);
    assert.equal((await connection.answers(1))[0].status, 100);
    connection.send("{}");
    assert.equal((await connection.answers(2))[1].status, 200);
    connection.end();
  });

  test("chunks, extensions and trailers that are right are read", async () => {
    const bytes = lines(...post("Transfer-Encoding: chunked"));
    const connection = await openRaw(server.port);
    connection.send(bytes, "1;a=b\r\n{\r\n", "1\r\n}\r\n", "0\r\nX-Trailer: x\r\n\r\n", GET);
    const answers = await connection.answers(2);
    connection.end();
    assert.deepEqual(answers.map((answer) => answer.status), [200, 200]);
  });

  test("requests sent without waiting are answered in order, one byte at a time too", async () => {
    const connection = await openRaw(server.port);
    const count = 50;
    for (let number = 0; number < count; number += 1) {
      connection.send(lines("GET /health HTTP/1.1", HOST, `X-Request-Id: n${number}`));
    }
    const answers = await connection.answers(count);
    assert.deepEqual(answers.map((answer) => answer.headers["x-request-id"]),
      Array.from({ length: count }, (_, number) => `n${number}`));
    for (const byte of GET) {
      connection.send(byte);
      await pause(1);
    }
    assert.equal((await connection.answers(count + 1)).at(-1).status, 200);
    connection.end();
  });

  test("a head that does not come within ten seconds ends the connection", async () => {
    const slow = await openRaw(server.port);
    const silent = await openRaw(server.port);
    const began = performance.now();
    slow.send("GET /health HTTP/1.1\r\n");
    const drip = setInterval(() => slow.send("X-Slow: x\r\n"), 400);
    const silentEnd = silent.closed(HEAD_WITHIN_MS + SWEEP_MS);
    const answers = await slow.closed(HEAD_WITHIN_MS + SWEEP_MS);
    clearInterval(drip);
    assert.ok(performance.now() - began > HEAD_WITHIN_MS - 500, "it was cut too early");
    checkRefusal("slow", answers[0], [408]);
    assert.deepEqual(await silentEnd, []);
    slow.end();
    silent.end();
  });

  test("ten thousand idle connections do not slow the others", async () => {
    const medianLatency = async () => {
      const latencies = [];
      for (let number = 0; number < 300; number += 1) {
        const began = performance.now();
        await server.api("GET", "/api/v1/battles", { expect: 200 });
        latencies.push(performance.now() - began);
      }
      return latencies.sort((a, b) => a - b)[latencies.length / 2];
    };
    const alone = await medianLatency();
    const idle = [];
    const openOne = async () => {
      const connection = await openRaw(server.port);
      connection.send(GET);
      const [answer] = await connection.answers(1);
      assert.equal(answer?.status, 200);
      idle.push(connection);
    };
    while (idle.length < IDLE_CONNECTIONS) {
      await Promise.all(Array.from({ length: OPENED_AT_ONCE }, openOne));
    }
    const beside = await medianLatency();
    assert.ok(beside < Math.max(QUICK_MS, TIMES_SLOWER * alone), `${alone} ms, now ${beside} ms`);
    assert.ok(idle.every((connection) => !connection.isClosed), "an idle connection was cut");
    for (let number = 0; number < idle.length; number += 997) {
      idle[number].send(GET);
      assert.equal((await idle[number].answers(2))[1].status, 200);
    }
    for (const connection of idle) connection.end();
  });
});
