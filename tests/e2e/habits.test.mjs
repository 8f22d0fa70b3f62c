// The habits of every route: repeatable POSTs, ETags, pages, compression, ids of requests.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { request } from "undici";

import { battleBody, openVote, reached, verse, vote } from "./support/battles.mjs";
import { askRaw } from "./support/raw.mjs";
import { startServer } from "./support/server.mjs";

const AT_ONCE = 50;
const TRACE = "0af7651916cd43dd8448eb211c80319c";

describe("a POST with an Idempotency-Key", { timeout: 600_000 }, () => {
  let server;
  let user;

  before(async () => {
    server = await startServer();
    user = await server.user();
  });
  after(() => server?.stop());

  const keyed = (key, more = {}) => ({ headers: { "idempotency-key": key }, ...more });

  test("replays its answer, word for word", async () => {
    const body = battleBody();
    const first = await user.ask("POST", "/battles", keyed("replay", { body, expect: 201 }));
    const again = await user.ask("POST", "/battles", keyed("replay", { body, expect: 201 }));
    assert.equal(first.headers["idempotency-replayed"], undefined);
    assert.equal(again.headers["idempotency-replayed"], "true");
    assert.equal(again.text, first.text);
    assert.equal(again.headers.location, first.headers.location);
    const rows = await server.sql("SELECT 1 FROM battles WHERE title = $1", [body.title]);
    assert.equal(rows.length, 1);
  });

  test("refuses another body, another route, and is each user's own", async () => {
    const body = battleBody();
    await user.ask("POST", "/battles", keyed("own", { body, expect: 201 }));
    await user.ask("POST", "/battles",
      keyed("own", { body: { ...body, title: "Another" }, expect: "409 idempotency_key_reused" }));
    await user.ask("POST", "/auth/ws-ticket",
      keyed("own", { expect: "409 idempotency_key_reused" }));
    const other = await server.user();
    const theirs = await other.ask("POST", "/battles", keyed("own", { body, expect: 201 }));
    assert.equal(theirs.headers["idempotency-replayed"], undefined);
  });

  test("replays refusals too", async () => {
    const { id, entryIds } = await openVote(server);
    const voter = await server.user();
    await vote(voter, id, entryIds[0], { expect: 201 });
    const first = await vote(voter, id, entryIds[0], keyed("no", { expect: "409 already_voted" }));
    const again = await vote(voter, id, entryIds[0], keyed("no", { expect: "409 already_voted" }));
    assert.equal(first.headers["idempotency-replayed"], undefined);
    assert.equal(again.headers["idempotency-replayed"], "true");
    const invalid = keyed("bad", { body: { title: "" }, expect: "400 validation_error" });
    await user.ask("POST", "/battles", invalid);
    await user.ask("POST", "/battles", invalid);
  });

  test("runs once, however many come at once", async () => {
    const body = battleBody();
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () =>
      user.ask("POST", "/battles", keyed("at-once", { body, expect: 201 }))));
    assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
    const replays = answers.filter((one) => one.headers["idempotency-replayed"] === "true");
    assert.equal(replays.length, AT_ONCE - 1);
    const rows = await server.sql("SELECT 1 FROM battles WHERE title = $1", [body.title]);
    assert.equal(rows.length, 1);
  });

  test("casts one vote, however many come at once", async () => {
    const { id, entryIds } = await openVote(server);
    const voter = await server.user();
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () =>
      vote(voter, id, entryIds[0], keyed("one-vote", { expect: 201 }))));
    assert.equal(new Set(answers.map((answer) => answer.text)).size, 1);
    const rows = await server.sql("SELECT 1 FROM votes WHERE battle_id = $1", [id]);
    assert.equal(rows.length, 1);
  });

  test("must have a key of visible ASCII, 255 at most", async () => {
    const body = battleBody();
    await user.ask("POST", "/battles", keyed("k".repeat(255), { body, expect: 201 }));
    for (const key of ["", "k".repeat(256), "a b", "a\tb"]) {
      await user.ask("POST", "/battles", keyed(key, { body, expect: "400 validation_error" }));
    }
  });
});

describe("habits", { timeout: 600_000 }, () => {
  let server;
  let user;
  let battle;

  before(async () => {
    server = await startServer();
    user = await server.user();
    const body = { ...battleBody({ startsIn: 3600 }), description: "A long story. ".repeat(140) };
    battle = (await user.ask("POST", "/battles", { body, expect: 201 })).body;
  });
  after(() => server?.stop());

  test("If-None-Match answers 304 until the resource changes", async () => {
    const path = `/battles/${battle.id}`;
    const first = await user.ask("GET", path, { expect: 200 });
    assert.match(first.headers.etag, /^(W\/)?"[^"]+"$/);
    for (const tag of [first.headers.etag, `"x", ${first.headers.etag}`, "*"]) {
      const same = await user.ask("GET", path, { headers: { "if-none-match": tag }, expect: 304 });
      assert.equal(same.headers.etag, first.headers.etag);
    }
    await user.ask("GET", path, { headers: { "if-none-match": '"x"' }, expect: 200 });
    await user.ask("PATCH", path, { body: { title: "A new title" }, expect: 200 });
    const second = await user.ask("GET", path,
      { headers: { "if-none-match": first.headers.etag }, expect: 200 });
    assert.equal(second.body.title, "A new title");
  });

  test("If-Match lets one of two writers through", async () => {
    const path = `/battles/${battle.id}`;
    const { headers } = await user.ask("GET", path, { expect: 200 });
    const change = (title) => user.ask("PATCH", path, {
      raw: JSON.stringify({ title }),
      headers: { "if-match": headers.etag, "content-type": "application/merge-patch+json" },
    });
    const answers = await Promise.all([change("First writer"), change("Second writer")]);
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 412]);
    const late = answers.find((answer) => answer.status === 412);
    assert.equal(late.body.error.code, "precondition_failed");
    await user.ask("DELETE", path,
      { headers: { "if-match": headers.etag }, expect: "412 precondition_failed" });
    const fresh = answers.find((answer) => answer.status === 200).headers.etag;
    assert.ok(fresh && fresh !== headers.etag);
    await user.ask("PATCH", path,
      { body: { title: "Third writer" }, headers: { "if-match": fresh }, expect: 200 });
  });

  test("only the owner changes a battle, and a deleted one is cancelled", async () => {
    const other = await server.user();
    const path = `/battles/${battle.id}`;
    await other.ask("PATCH", path, { body: { title: "Not mine" }, expect: "403 forbidden" });
    await other.ask("DELETE", path, { expect: "403 forbidden" });
    const { body } = await user.ask("POST", "/battles",
      { body: battleBody({ startsIn: 600 }), expect: 201 });
    await user.ask("DELETE", `/battles/${body.id}`, { expect: 204 });
    await reached(user, body.id, "cancelled");
    await user.ask("GET", `/battles/${body.id}/results`, { expect: "404 not_found" });
  });

  test("HEAD answers as GET without the body", async () => {
    for (const path of [`/battles/${battle.id}`, "/battles", "/nothing"]) {
      const whole = await user.ask("GET", path);
      const head = await user.ask("HEAD", path);
      assert.equal(head.status, whole.status);
      assert.equal(head.headers["content-length"], whole.headers["content-length"]);
      assert.equal(head.headers["content-type"], whole.headers["content-type"]);
      assert.equal(head.text, "");
    }
    await server.api("HEAD", "/health", { expect: 200 });
  });

  test("gzip and br are honoured above a KiB and decode to the same", async () => {
    const url = `${server.baseUrl}/api/v1/battles/${battle.id}`;
    const plain = await (await fetch(url, { headers: { "accept-encoding": "identity" } })).text();
    assert.ok(plain.length > 1024);
    const decoders = { gzip: gunzipSync, br: brotliDecompressSync };
    for (const [coding, decode] of Object.entries(decoders)) {
      const answer = await request(url, { headers: { "accept-encoding": coding } });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      assert.equal(answer.headers["content-encoding"], coding);
      assert.match(answer.headers.vary, /accept-encoding/i);
      assert.ok(bytes.length < plain.length);
      assert.equal(decode(bytes).toString(), plain);
    }
    const refused = await request(url, { headers: { "accept-encoding": "gzip;q=0, br;q=0" } });
    assert.equal(refused.headers["content-encoding"], undefined);
    assert.equal(await refused.body.text(), plain);
    const small = await request(`${server.baseUrl}/health`,
      { headers: { "accept-encoding": "br" } });
    assert.equal(small.headers["content-encoding"], undefined);
    await small.body.dump();
  });

  test("a sane request id is taken, any other is replaced", async () => {
    const path = "/api/v1/battles/none";
    const taken = await server.api("GET", path, { headers: { "x-request-id": "abc-1.2_3" } });
    assert.equal(taken.headers["x-request-id"], "abc-1.2_3");
    assert.equal(taken.body.error.requestId, "abc-1.2_3");
    for (const id of ["", "a b", "x".repeat(200), '"quoted"', "a;b", "<script>"]) {
      const made = await server.api("GET", path, { headers: { "x-request-id": id } });
      assert.notEqual(made.headers["x-request-id"], id);
      assert.match(made.headers["x-request-id"], /^[0-9a-f-]{36}$/);
    }
  });

  test("a traceparent keeps its trace", async () => {
    const sent = `00-${TRACE}-b7ad6b7169203331-01`;
    const kept = await server.api("GET", "/health", { headers: { traceparent: sent } });
    assert.match(kept.headers.traceparent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    assert.notEqual(kept.headers.traceparent, sent);
    for (const bad of ["00-xyz", `00-${"0".repeat(32)}-b7ad6b7169203331-01`, `${sent}-more`]) {
      const other = await server.api("GET", "/health", { headers: { traceparent: bad } });
      assert.ok(!(other.headers.traceparent ?? "").includes("0".repeat(32)));
      assert.notEqual(other.headers.traceparent, bad);
    }
  });

  test("both prefixes answer alike", async () => {
    for (const path of [`/battles/${battle.id}`, "/battles?limit=1", "/nothing"]) {
      const versioned = await server.api("GET", `/api/v1${path}`);
      const plain = await server.api("GET", `/api${path}`);
      assert.equal(plain.status, versioned.status);
      if (plain.status === 200) assert.equal(plain.text, versioned.text);
    }
  });

  test("an answer says where a created thing is", async () => {
    const { id, authors, entries } = await openVote(server);
    const { body } = await authors[0].ask("GET", `/entries/${entries[0].id}`, { expect: 200 });
    assert.equal(body.id, entries[0].id);
    const made = await user.ask("POST", "/battles", { body: battleBody(), expect: 201 });
    const there = await server.api("GET", made.headers.location, { expect: 200 });
    assert.equal(there.body.id, made.body.id);
    assert.notEqual(made.body.id, id);
  });

  test("pages go through everything once while more is added", async () => {
    const { body: crowd } = await user.ask("POST", "/battles",
      { body: battleBody({ entering: 60, voting: 60 }), expect: 201 });
    await reached(user, crowd.id, "active");
    const enter = async () => {
      const author = await server.user();
      const { body } = await author.ask("POST", `/battles/${crowd.id}/entries`,
        { body: verse(), expect: 201 });
      return body.id;
    };
    const ids = await Promise.all(Array.from({ length: 25 }, enter));
    for (const sort of ["newest", "top", "random"]) {
      const seen = [];
      let cursor = null;
      do {
        const next = cursor ? `&cursor=${cursor}` : "";
        const { body } = await user.ask("GET",
          `/battles/${crowd.id}/entries?sort=${sort}&limit=7${next}`, { expect: 200 });
        seen.push(...body.items.map((entry) => entry.id));
        cursor = body.nextCursor;
        if (sort === "newest" && cursor) await enter();
      } while (cursor);
      assert.equal(new Set(seen).size, seen.length, `${sort} repeats an entry`);
      for (const id of ids) assert.ok(seen.includes(id), `${sort} leaves an entry out`);
    }
  });

  test("HTTP/1.0 is answered and closed", async () => {
    const answer = await askRaw(server.port, "GET /health HTTP/1.0\r\n\r\n");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.connection?.toLowerCase() ?? "close", "close");
  });
});
