// Bad bodies, ids, cursors, queries, routes and methods get the promised refusal, never a 5xx.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { battleBody, openVote, verse } from "./support/battles.mjs";
import { startServer } from "./support/server.mjs";

const MAX_BODY = 1024 * 1024;
const NOBODY = "0198c0de-0000-7000-8000-000000000000";

describe("bad input", { timeout: 600_000 }, () => {
  let server;
  let user;
  let battle;

  before(async () => {
    server = await startServer();
    user = await server.user();
    battle = await openVote(server);
  });
  after(() => server?.stop());

  const send = (raw, expect, headers = {}) =>
    user.ask("POST", "/battles", {
      raw,
      headers: { "content-type": "application/json", ...headers },
      expect,
    });
  const sendBody = (change, expect = "400 validation_error") =>
    user.ask("POST", "/battles", { body: { ...battleBody(), ...change }, expect });
  const pathsOf = (answer) => answer.body.error.details.map((detail) => detail.path);
  const whole = (title) =>
    JSON.stringify(battleBody()).replace(/"title":"[^"]*"/, `"title":${title}`);

  const MALFORMED = {
    "an empty body": "",
    "blanks alone": "  \n ",
    "half an object": '{"title":"abc"',
    "a bare word": "hello",
    "single quotes": "{'title':'abc'}",
    "a trailing comma": '{"title":"abc",}',
    "a comment": '{"title":"abc"} // done',
    "two documents": '{"title":"abc"}{}',
    "NaN": '{"title":NaN}',
    "a number with a leading zero": '{"title":01}',
    "a raw line break in a string": '{"title":"a\nbc"}',
    "an unknown escape": '{"title":"a\\qbc"}',
    "a byte order mark": "\ufeff{}",
    "UTF-16": Buffer.from('{"title":"abc"}', "utf16le"),
    "deflated bytes": Buffer.from([0x78, 0x9c, 0x4b, 0x4c, 0x4a, 0x06, 0x00]),
  };
  for (const [what, raw] of Object.entries(MALFORMED)) {
    test(`malformed JSON is named so: ${what}`, () => send(raw, "400 malformed_json"));
  }

  const UNCLEAN = {
    "a continuation byte alone": Buffer.from([0x80]),
    "an overlong slash": Buffer.from([0xc0, 0xaf]),
    "half a sequence": Buffer.from([0xe2, 0x82]),
    "a surrogate in UTF-8": Buffer.from([0xed, 0xa0, 0x80]),
    "past the last code point": Buffer.from([0xf4, 0x90, 0x80, 0x80]),
    "the byte 0xff": Buffer.from([0xff]),
  };
  for (const [what, bytes] of Object.entries(UNCLEAN)) {
    test(`bad UTF-8 is refused: ${what}`, async () => {
      const [head, tail] = whole('"abc#def"').split("#");
      const answer = await send(Buffer.concat([Buffer.from(head), bytes, Buffer.from(tail)]));
      assert.equal(answer.status, 400);
      assert.equal(answer.body.error.code, "malformed_json");
    });
  }

  for (const title of ['"abc\\ud800"', '"abc\\udc00def"', '"abc\\ud800\\ud800"', '"abc\\u0000"']) {
    test(`no string of ours may hold ${title}`, async () => {
      const answer = await send(whole(title));
      assert.equal(answer.status, 400);
      assert.ok(["malformed_json", "validation_error"].includes(answer.body.error.code));
    });
  }

  test("a pair of surrogates is a character", async () => {
    const answer = await send(whole('"ring \\ud83d\\udd14"'), 201);
    assert.equal(answer.body.title, "ring \u{1f514}");
  });

  test("the same key twice is refused", async () => {
    const answer = await send(JSON.stringify(battleBody()).replace("{", '{"title":"another",'));
    assert.equal(answer.status, 400);
  });

  test("nesting of 32 is read and more is refused, however deep", async () => {
    const nest = (depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    await send(`{"title":${nest(31)}}`, "400 validation_error");
    await send(`{"title":${nest(40)}}`, "400 malformed_json");
    await send(nest(100_000), "400 malformed_json");
    await send("[".repeat(500_000), "400 malformed_json");
    await send('{"a":'.repeat(100_000), "400 malformed_json");
  });

  test("JSON that is no object is refused", async () => {
    for (const raw of ["null", "true", "1", '"text"', "[]", "[{}]"]) {
      const answer = await send(raw);
      assert.equal(`${answer.status} ${answer.body.error.code}`, "400 validation_error", raw);
    }
  });

  test("wrong types are named by their path", async () => {
    const answer = await sendBody({
      title: 7,
      battleType: "sumo",
      startTime: "tomorrow",
      rules: { maxEntries: "many", allowSelfVote: "yes", tieBreakers: ["votes", 4] },
    });
    const paths = pathsOf(answer);
    for (const path of ["/title", "/battleType", "/startTime", "/rules/maxEntries",
      "/rules/allowSelfVote", "/rules/tieBreakers/1"]) {
      assert.ok(paths.includes(path), `${path} is not among ${paths}`);
    }
  });

  test("an unknown field is named", async () => {
    assert.deepEqual(pathsOf(await sendBody({ prize: 1 })), ["/prize"]);
    assert.deepEqual(pathsOf(await sendBody({ rules: { "a/b~c": 1 } })), ["/rules/a~1b~0c"]);
    const own = { ["__proto__"]: 1 };
    assert.deepEqual(pathsOf(await sendBody(own)), ["/__proto__"]);
  });

  test("missing fields are all named at once", async () => {
    const answer = await user.ask("POST", "/battles", { body: {}, expect: "400 validation_error" });
    assert.deepEqual(pathsOf(answer).sort(),
      ["/battleType", "/endTime", "/startTime", "/title", "/votingEndTime"]);
  });

  test("numbers that are no whole numbers in range are refused", async () => {
    for (const number of ["1.5", "1e2.5", "1e400", "-1", "0", "99999999999999999999", "10001",
      "-0.0"]) {
      const raw = JSON.stringify(battleBody({ rules: { maxEntries: 1 } }))
        .replace('"maxEntries":1', `"maxEntries":${number}`);
      const answer = await send(raw);
      assert.equal(answer.status, 400, `${number}: ${answer.text}`);
    }
  });

  test("texts are measured in code points", async () => {
    await sendBody({ title: "\u{1f525}".repeat(120) }, 201);
    assert.deepEqual(pathsOf(await sendBody({ title: "\u{1f525}".repeat(121) })), ["/title"]);
    assert.deepEqual(pathsOf(await sendBody({ title: "ab" })), ["/title"]);
  });

  test("times out of order, too short or too long are refused", async () => {
    await sendBody({ endTime: battleBody({ startsIn: -50 }).startTime });
    await sendBody({ ...battleBody({ entering: 0.5 }) });
    await sendBody({ ...battleBody({ voting: 91 * 86_400 }) });
    await sendBody({ ...battleBody({ startsIn: -400, entering: 500 }) });
    for (const startTime of ["2026-02-30T10:00:00.000Z", "2026-11-22", "99999-01-01T00:00:00Z",
      "2026-11-22T25:00:00Z", ""]) {
      await sendBody({ startTime });
    }
  });

  test("a body past one MiB is too large, one within is read", async () => {
    const padding = (bytes) => `{"title":"${"x".repeat(bytes - 12)}"}`;
    await send(padding(MAX_BODY), "400 validation_error");
    await send(padding(MAX_BODY + 1), "413 payload_too_large");
  });

  test("another content type is refused", async () => {
    const raw = JSON.stringify(battleBody());
    for (const type of ["text/plain", "application/xml", "application/jsonp", "multipart/form-data",
      "application/x-www-form-urlencoded", "application/merge-patch+json"]) {
      await send(raw, "415 unsupported_media_type", { "content-type": type });
    }
    await user.ask("POST", "/battles", { raw, expect: "415 unsupported_media_type" });
    await send(raw, 201, { "content-type": "Application/JSON; charset=utf-8" });
  });

  test("ids that are none are refused, unknown ones are not found", async () => {
    for (const id of ["1", "0198", "%00", "%2e%2e", "null", "%", "%zz", `${NOBODY}0`,
      NOBODY.replaceAll("-", ""), "'%20OR%201=1%20--", "%F0%9F%94%A5", "x".repeat(4000)]) {
      for (const place of ["/battles/ID", "/battles/ID/tally", "/entries/ID", "/users/ID"]) {
        const path = place.replace("ID", () => id);
        const answer = await user.ask("GET", path);
        assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      }
    }
    for (const path of ["/battles", "/entries", "/users"]) {
      await user.ask("GET", `${path}/${NOBODY}`, { expect: "404 not_found" });
    }
    for (const part of ["entries", "tally", "history", "results", "votes/me"]) {
      await user.ask("GET", `/battles/${NOBODY}/${part}`, { expect: "404 not_found" });
    }
    await user.ask("POST", `/battles/${NOBODY}/entries`,
      { body: verse(), expect: "404 not_found" });
    await user.ask("POST", `/battles/${NOBODY}/votes`,
      { body: { entryId: battle.entryIds[0] }, expect: "404 not_found" });
    await user.ask("POST", `/battles/${battle.id}/votes`,
      { body: { entryId: NOBODY }, expect: "404 not_found" });
  });

  test("unknown query parameters and values are refused", async () => {
    for (const query of ["color=red", "limit=0", "limit=101", "limit=ten", "limit=", "limit=1e1",
      "limit=5&limit=6", "status=over", "featured=maybe", "creatorId=me", "sort=best", "q=",
      "q=%FF", "q=%00", "q=%", "limit=+5", "limit=99999999999999999999"]) {
      const answer = await user.ask("GET", `/battles?${query}`);
      assert.equal(`${answer.status} ${answer.body?.error?.code}`, "400 validation_error", query);
    }
    await user.ask("GET", `/battles/${battle.id}/entries?sort=worst`,
      { expect: "400 validation_error" });
  });

  test("forged and foreign cursors are refused", async () => {
    for (let more = 0; more < 3; more += 1) await sendBody({}, 201);
    const first = await user.ask("GET", "/battles?limit=1&sort=newest", { expect: 200 });
    const cursor = first.body.nextCursor;
    assert.ok(cursor);
    await user.ask("GET", `/battles?limit=1&sort=newest&cursor=${cursor}`, { expect: 200 });
    const flipped = cursor.slice(0, -2) + (cursor.at(-2) === "A" ? "B" : "A") + cursor.at(-1);
    const forged = [
      flipped, cursor.slice(0, -4), `${cursor}AA`, "x", "AAAA", "x".repeat(3000),
      Buffer.from('{"time":null,"id":"x"}').toString("base64url"),
    ];
    for (const one of forged) {
      await user.ask("GET", `/battles?limit=1&sort=newest&cursor=${one}`,
        { expect: "400 invalid_cursor" });
    }
    for (const path of ["/battles?sort=endingSoon", "/battles?sort=newest&status=voting",
      `/battles/${battle.id}/entries?sort=newest`, `/battles/${battle.id}/votes/me?`]) {
      await user.ask("GET", `${path}&cursor=${cursor}`, { expect: "400 invalid_cursor" });
    }
  });

  test("unknown routes are not found, whatever they look like", async () => {
    for (const path of ["/api/v1/nothing", "/api/v1", "/api/v1/", "/api/v2/battles", "/api",
      "/api/v1/battles/", "/api/v1//battles", "/dev/nothing",
      "/api/v1/%62attles%2f", "/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%00", "/health/x"]) {
      const answer = await server.api("GET", path);
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.ok(["not_found", "validation_error"].includes(answer.body.error.code), path);
    }
  });

  test("a method that a route has not is answered with those it has", async () => {
    const answers = {
      "PUT /api/v1/battles": "GET, HEAD, OPTIONS, POST",
      "DELETE /api/v1/battles": "GET, HEAD, OPTIONS, POST",
      "POST /api/v1/users/me": "DELETE, GET, HEAD, OPTIONS, PATCH",
      "PATCH /health": "GET, HEAD, OPTIONS",
      "GET /dev/token": "OPTIONS, POST",
    };
    for (const [line, allowed] of Object.entries(answers)) {
      const [method, path] = line.split(" ");
      const answer = await server.api(method, path, { expect: "405 method_not_allowed" });
      assert.deepEqual(answer.headers.allow.split(/, */).sort(), allowed.split(", "), line);
    }
    const options = await fetch(`${server.baseUrl}/api/v1/battles`, { method: "OPTIONS" });
    assert.equal(options.status, 204);
    assert.match(options.headers.get("allow"), /POST/);
  });

  test("bad tokens are refused on open routes too", async () => {
    for (const token of ["x", "a.b.c", `${user.token}x`, user.token.slice(0, -6), "\u00e9"]) {
      await server.api("GET", "/api/v1/battles", {
        headers: { authorization: Buffer.from(`Bearer ${token}`).toString("latin1") },
        expect: "401 unauthorized",
      });
    }
    await server.api("GET", "/api/v1/battles", { expect: 200 });
    await server.api("POST", "/api/v1/battles", { body: battleBody(), expect: "401 unauthorized" });
    for (const value of ["Basic dXNlcjpwYXNz", "Bearer", "Bearer  "]) {
      await server.api("GET", "/api/v1/users/me",
        { headers: { authorization: value }, expect: "401 unauthorized" });
    }
  });
});
