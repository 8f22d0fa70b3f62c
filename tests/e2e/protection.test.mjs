// What is personal lies sealed in the database, and follows the keys when they are changed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { openVote, reached, vote } from "./support/battles.mjs";
import { Clerk } from "./support/clerk.mjs";
import { runBinary, startServer, until } from "./support/server.mjs";
import { clerkUser, sendWebhook } from "./support/webhook.mjs";

const PG_DUMP = "/usr/lib/postgresql/15/bin/pg_dump";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const USERS = 450; // more than two batches of the rotation
const DUMP_BYTES = 256 * 1024 * 1024;
const key = (id) => `${id}:${randomBytes(32).toString("hex")}`;
const OLD = key("old");
const NEW = key("new");

describe("protected values", { timeout: 300_000 }, () => {
  let clerk;
  let server;
  let battle;
  let archive; // of a user's data: its id, and its bytes
  let archived;
  const canary = `canary${randomUUID().slice(0, 8)}`;
  const agent = `Canary-Agent-${randomUUID()}`;
  const emails = new Map(); // of Clerk's ids

  const emailOf = (number) => `${canary}.${number}@example.org`;
  const tell = async (id, email, updatedAt) => {
    await sendWebhook(server, SECRET, "user.updated", clerkUser(id, email, updatedAt));
    emails.set(id, email);
  };
  const profile = async (id) => {
    const token = await clerk.token(id);
    const headers = { "user-agent": agent };
    return (await server.api("GET", "/api/v1/users/me", { token, headers, expect: 200 })).body;
  };
  const dump = async () => {
    const { stdout } = await promisify(execFile)(
      PG_DUMP, ["--dbname", server.databaseUrl], { maxBuffer: DUMP_BYTES });
    return stdout;
  };
  // In clear, and as dumps print bytes.
  const assertAbsent = (text, what) => {
    for (const form of [canary, agent]) {
      for (const one of [form, Buffer.from(form).toString("hex")]) {
        assert.ok(!text.includes(one), `${one} is in ${what}`);
      }
    }
  };
  const valuesUnder = async (id) => {
    const [row] = await server.sql(
      `SELECT (SELECT count(*) FROM users WHERE sealing_key(email) = $1)
            + (SELECT count(*) FROM sessions WHERE sealing_key(origin) = $1)
            + (SELECT count(*) FROM export_chunks WHERE sealing_key(sealed) = $1)
            + (SELECT count(*) FROM idempotency_keys WHERE sealing_key(body) = $1) AS count`, [id]);
    return Number(row.count);
  };
  const examine = (keys) =>
    runBinary(["doctor"], {
      WILDNOUT_ENV: "development",
      WILDNOUT_DATA: server.data,
      DATABASE_URL: server.databaseUrl,
      ENCRYPTION_KEYS: keys,
    });
  const openArchive = async () => {
    const token = await clerk.token("user_0");
    const path = `/api/v1/users/me/exports/${archive}`;
    const { body } = await server.api("GET", path, { token, expect: 200 });
    if (!body.downloadUrl) return null;
    const { pathname, search } = new URL(body.downloadUrl, server.baseUrl);
    const answer = await fetch(server.baseUrl + pathname + search);
    return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : null;
  };
  const assertWhole = async (keys) => {
    assert.deepEqual(await openArchive(), archived);
    for (const [id, email] of [...emails].slice(0, 40)) {
      assert.equal((await profile(id)).email, email);
    }
    const admin = await server.user({ roles: ["admin"] });
    const email = [...emails.values()].at(-1);
    const found = await admin.ask("POST", "/admin/users/search", {
      body: { email: email.toUpperCase() },
      expect: 200,
    });
    assert.equal(found.body.items.length, 1, email);
    const { body: record } = await admin.ask("GET", `/admin/users/${found.body.items[0].id}`,
      { expect: 200 });
    assert.equal(record.email, email);
    const { body: verdict } = await admin.ask("GET", "/admin/audit/verify", { expect: 200 });
    assert.equal(verdict.ok, true, JSON.stringify(verdict));
    assert.ok(verdict.checkedRows > 0);
    const url = `${server.baseUrl}/api/v1/battles/${battle.id}`;
    const verified = await runBinary(["verify-results", url]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const examined = await examine(keys);
    assert.match(examined.stdout, /^ok {5}sealed values/m);
    assert.match(examined.stdout, /^ok {5}audit trail/m);
  };

  before(async () => {
    clerk = await Clerk.start();
    const secrets = { CLERK_WEBHOOK_SECRETS: SECRET, ENCRYPTION_KEYS: OLD };
    server = await startServer({ env: clerk.env(secrets) });
    await until(async () => {
      const token = await clerk.token("user_first");
      return (await server.api("GET", "/api/v1/auth/session", { token })).status === 200;
    }, "keys are read");
    await Promise.all(Array.from({ length: USERS }, (_, number) =>
      tell(`user_${number}`, emailOf(number), 1_000)));
    for (const id of [...emails.keys()].slice(0, 40)) await profile(id);
    // An answer with an address, kept for the day.
    const token = await clerk.token("user_0");
    await server.api("DELETE", "/api/v1/users/me", { token, expect: 204 });
    const restored = await server.api("POST", "/api/v1/users/me/restore", {
      token,
      headers: { "idempotency-key": randomUUID() },
      expect: 200,
    });
    assert.equal(restored.body.email, emailOf(0));
    const asked = await server.api("POST", "/api/v1/users/me/exports", { token, expect: 202 });
    archive = asked.body.exportId;
    archived = await until(openArchive, "there is an archive");
    assert.equal(archived.subarray(0, 2).toString(), "PK");
    battle = await openVote(server, { voting: 3 });
    const voters = await server.users(3);
    await Promise.all(voters.map((voter) => vote(voter, battle.id, battle.entryIds[0])));
    await reached(battle.creator, battle.id, "completed");
    await until(async () => {
      const results = await battle.creator.ask("GET", `/battles/${battle.id}/results`);
      return results.status === 200;
    }, "there are results");
    await until(async () =>
      (await server.sql("SELECT 1 FROM sessions WHERE origin IS NOT NULL LIMIT 1")).length > 0,
    "sessions are written");
  });
  after(async () => {
    await server?.stop();
    await clerk?.stop();
  });

  test("a dump of a used database names no address in clear", async () => {
    const text = await dump();
    assert.ok(text.includes("Example user_7"), "the dump is of another database");
    assert.ok(text.includes("sealing_key"), "the dump has no schema");
    assertAbsent(text, "the dump");
    assert.ok((await valuesUnder("old")) > USERS);
    await assertWhole(OLD);
  });

  test("a new key takes over while everything runs, through a crash", async () => {
    await server.restart({ ENCRYPTION_KEYS: `${NEW},${OLD}` });
    // As soon as some are rewritten and some are not, or all are: the machine decides.
    await until(async () => (await valuesUnder("new")) > 0, "the rotation begins");
    await server.kill();
    await server.restart();
    let updates = 0;
    await until(async () => {
      const number = updates % USERS;
      updates += 1;
      await tell(`user_${number}`, `new.${emailOf(number)}`, 2_000 + updates);
      return (await valuesUnder("old")) === 0;
    }, "nothing is under the old key", 120_000);
    const metrics = await (await fetch(`${server.baseUrl}/metrics`)).text();
    assert.match(metrics, /^wildnout_sealed_values_outdated/m);
    assertAbsent(await dump(), "the dump");
    const oldHead = Buffer.from("\x01\x03old").toString("hex");
    assert.ok(!(await dump()).includes(`\\\\x${oldHead}`), "a value is under the old key");
    await assertWhole(`${NEW},${OLD}`);
    assert.match(server.log(), /sealed values are being rewritten/);
  });

  test("the old key can be taken away then", async () => {
    await server.restart({ ENCRYPTION_KEYS: NEW });
    await assertWhole(NEW);
    assertAbsent(server.log(), "the log");
  });

  test("a key that is missing is named, and stops nothing else", async () => {
    const other = key("other");
    const examined = await examine(other);
    assert.equal(examined.code, 1);
    assert.match(examined.stdout, /FAULT {2}sealed values: .*unknown key new/);
    const sameName = await examine(key("new"));
    assert.equal(sameName.code, 1);
    assert.match(sameName.stdout, /FAULT {2}sealed values: .*a key new of other bytes/);
    await server.restart({ ENCRYPTION_KEYS: other });
    assert.equal((await profile("user_1")).email, null);
    await until(() => /ENCRYPTION_KEYS does not list/.test(server.log()), "the log says so");
    await server.restart({ ENCRYPTION_KEYS: NEW });
    assert.equal((await profile("user_1")).email, emails.get("user_1"));
  });
});
