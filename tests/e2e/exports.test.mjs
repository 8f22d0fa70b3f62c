// An archive of everything that is held about oneself: asked for, made, told of and fetched.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { battleBody, openVote, verse, vote } from "./support/battles.mjs";
import { startServer, until } from "./support/server.mjs";

const UNZIP = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
json.dump({name: json.loads(archive.read(name)) for name in archive.namelist()}, sys.stdout)
`;

describe("exports", { timeout: 180_000 }, () => {
  let server;
  const folder = mkdtempSync(join(tmpdir(), "exports."));

  before(async () => {
    server = await startServer();
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ready = (user, id) =>
    until(async () => {
      const { body } = await user.ask("GET", `/users/me/exports/${id}`, { expect: 200 });
      assert.notEqual(body.status, "failed", server.log());
      return body.status === "ready" && body;
    }, "the export is ready");
  async function exported(user) {
    const { body } = await user.ask("POST", "/users/me/exports", { expect: 202 });
    return ready(user, body.exportId);
  }
  async function fetched(url) {
    const answer = await fetch(url);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "application/zip");
    assert.match(answer.headers.get("content-disposition"), /^attachment; filename="wildnout-/);
    return Buffer.from(await answer.arrayBuffer());
  }
  /** The files of an archive, as another program reads them. */
  function read(bytes) {
    const path = join(folder, "archive.zip");
    writeFileSync(path, bytes);
    const limit = { maxBuffer: 1024 * 1024 * 1024 };
    return JSON.parse(execFileSync("python3", ["-c", UNZIP, path], limit).toString());
  }

  test("has what every module holds, and is told of on the user's channel", async () => {
    const poll = await openVote(server);
    const user = await server.user({ username: "exporter" });
    await user.ask("PATCH", "/users/me", { body: { bio: "my own words" }, expect: 200 });
    const friend = await server.user();
    await user.ask("PUT", `/users/${friend.userId}/follow`, { expect: 204 });
    const battle = await user.ask("POST", "/battles", {
      body: battleBody({ entering: 3600, voting: 3600, title: "My own battle" }), expect: 201 });
    await until(async () => {
      const { body } = await friend.ask("GET", `/battles/${battle.body.id}`);
      return body.status === "active";
    }, "the battle is active");
    await user.ask("POST", `/battles/${battle.body.id}/entries`, {
      body: { ...verse("A draft that nobody has seen yet"), draft: true }, expect: 201 });
    const cast = await vote(user, poll.id, poll.entryIds[0], { expect: 201 });
    const socket = await server.socket({ token: user.token });

    const done = await exported(user);
    const message = await socket.wait((one) => one.type === "export.ready");
    assert.equal(message.data.exportId, done.exportId);
    const bytes = await fetched(done.downloadUrl);
    assert.equal(bytes.length, done.bytes);
    const files = read(bytes);
    assert.equal(files["about.json"].userId, user.userId);
    assert.equal(files["identity/profile.json"][0].bio, "my own words");
    assert.equal(files["identity/account.json"][0].id, user.userId);
    assert.equal(files["identity/following.json"][0].userId, friend.userId);
    assert.equal(files["battles/battles.json"][0].title, "My own battle");
    assert.equal(files["battles/entries.json"][0].body, "A draft that nobody has seen yet");
    assert.equal(files["battles/entries.json"][0].status, "draft");
    assert.equal(files["battles/votes.json"][0].id, cast.body.id);
    assert.ok(files["battles/votes.json"][0].salt);
    const asked = files["audit/actions.json"].find(
      (row) => row.actionType === "user.exportRequested");
    assert.equal(asked.role, "actor");
    assert.ok(asked.ipAddress, "one's own address is shown to oneself");
    assert.equal(JSON.stringify(files).includes(friend.token), false);
    socket.end();
  });

  test("is fetched by its link alone, which nobody can make or stretch", async () => {
    const user = await server.user();
    const other = await server.user();
    const done = await exported(user);
    const theirs = await exported(other);
    const link = new URL(done.downloadUrl);
    assert.deepEqual(await fetched(link), await fetched(link));
    const refuse = async (change) => {
      const changed = new URL(link);
      change(changed);
      assert.equal((await fetch(changed)).status, 404, String(changed));
    };
    await refuse((url) => url.searchParams.set("expires", String(Date.now() + 9e9)));
    await refuse((url) => url.searchParams.set("signature", "AAAA"));
    await refuse((url) => url.searchParams.set("key", "none"));
    await refuse((url) => (url.pathname = new URL(theirs.downloadUrl).pathname));
    assert.equal((await fetch(link.origin + link.pathname)).status, 400);
    await other.ask("GET", `/users/me/exports/${done.exportId}`, { expect: 404 });
    await server.sql("UPDATE exports SET expires_at = now() - interval '1 second' WHERE id = $1",
      [done.exportId]);
    await refuse(() => {});
    const rows = await server.sql(
      "SELECT action_type FROM audit_log WHERE actor_id = $1 ORDER BY created_at, id",
      [user.userId]);
    assert.deepEqual(rows.map((row) => row.action_type),
      ["user.exportRequested", "user.exportDownloaded", "user.exportDownloaded"]);
  });

  test("is made one at a time and three times a day", async () => {
    const user = await server.user();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => user.ask("POST", "/users/me/exports")));
    const [made] = answers.filter((one) => one.status === 202);
    assert.ok(made);
    for (const one of answers) assert.ok([202, 409, 429].includes(one.status));
    const [{ count }] = await server.sql(
      "SELECT count(*) FROM exports WHERE user_id = $1", [user.userId]);
    assert.ok(Number(count) <= 3);
    for (let one = Number(count); one < 3; one += 1) {
      await until(async () => {
        const { status } = await user.ask("POST", "/users/me/exports");
        return status === 202;
      }, "the next export is taken");
    }
    await until(async () => {
      const [row] = await server.sql(
        "SELECT count(*) FROM exports WHERE user_id = $1 AND status <> 'ready'", [user.userId]);
      return Number(row.count) === 0;
    }, "all are ready");
    const refused = await user.ask("POST", "/users/me/exports",
      { expect: "429 rate_limit_exceeded" });
    assert.ok(Number(refused.headers["retry-after"]) > 3600);
  });

  test("is made again after a crash, and large ones come in pieces that say nothing", async () => {
    const user = await server.user();
    const battle = await user.ask("POST", "/battles", {
      body: battleBody({ entering: 3600, voting: 3600 }), expect: 201 });
    await server.sql(
      `INSERT INTO battle_entries (id, battle_id, user_id, content_type, body, status,
                                   moderation_status)
       SELECT gen_random_uuid(), $1, $2, 'text',
              'canary-' || (SELECT string_agg(md5(n || ':' || part), '')
                              FROM generate_series(1, 200) AS part), 'withdrawn', 'approved'
         FROM generate_series(1, 400) AS n`, [battle.body.id, user.userId]);
    const { body } = await user.ask("POST", "/users/me/exports", { expect: 202 });
    await server.kill();
    await server.sql("UPDATE jobs SET leased_until = now() WHERE state = 'running'");
    server.start();
    await server.ready();
    const done = await ready(user, body.exportId);
    const [{ count, clear }] = await server.sql(
      `SELECT count(*), count(*) FILTER (WHERE position('canary'::bytea IN sealed) > 0
                                            OR position('PK'::bytea IN sealed) = 1) AS clear
         FROM export_chunks WHERE export_id = $1`, [done.exportId]);
    assert.ok(Number(count) > 4, "several pieces");
    assert.equal(Number(clear), 0);
    const files = read(await fetched(done.downloadUrl));
    assert.equal(files["battles/entries.json"].length, 400);
    assert.ok(readFileSync(join(folder, "archive.zip")).length > 1024 * 1024);
  });
});
