// Who leaves is gone from every column of the database, and everything can still be checked.

import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Webhook } from "svix";

import { battleBody, force, reached, verse, vote } from "./support/battles.mjs";
import { Clerk } from "./support/clerk.mjs";
import { runBinary, startServer, until } from "./support/server.mjs";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CANARY = `cny${randomBytes(4).toString("hex")}`; // in whatever the user wrote or sent
const ADDRESS = "203.0.113.177"; // where the user came from
const CLERK_ID = "user_who_leaves";
const LONG_SECONDS = 3600;

describe("an erasure", { timeout: 300_000 }, () => {
  let clerk;
  let server;
  let other;
  let admin;
  let token;
  let userId;
  const ids = {};
  let certain; // what must not change

  before(async () => {
    clerk = await Clerk.start();
    const env = { CLERK_WEBHOOK_SECRETS: SECRET, TRUSTED_PROXIES: "127.0.0.0/8" };
    server = await startServer({ env: clerk.env(env) });
    other = await server.user({ username: "stays" });
    admin = await server.admin();
  });
  after(async () => {
    await server?.stop();
    await clerk?.stop();
  });

  const headers = () => ({
    "user-agent": `Agent of ${CANARY}`,
    "x-forwarded-for": ADDRESS,
    "x-request-id": `request-${CANARY}`,
  });
  const ask = (method, path, options = {}) =>
    server.api(method, `/api/v1${path}`, {
      token, ...options, headers: { ...headers(), ...options.headers } });
  const leaver = { ask };
  async function webhook(type, data, more = {}) {
    const body = JSON.stringify({ type, data, object: "event", timestamp: Date.now(), ...more });
    const id = `msg_${randomUUID()}`;
    const at = new Date();
    await server.api("POST", "/api/v1/webhooks/clerk", {
      raw: body,
      headers: {
        "content-type": "application/json",
        "svix-id": id,
        "svix-timestamp": String(Math.floor(at.getTime() / 1000)),
        "svix-signature": new Webhook(SECRET).sign(id, at, body),
      },
      expect: 200,
    });
  }
  const clerkUser = (updatedAt) => ({
    id: CLERK_ID,
    first_name: `First ${CANARY}`,
    last_name: "Leaver",
    image_url: `https://img.clerk.com/${CANARY}`,
    primary_email_address_id: "idn_1",
    email_addresses: [{ id: "idn_1", email_address: `${CANARY}@example.org` }],
    updated_at: updatedAt,
  });

  /** "table.column" of every column, of any type, in which a text is found. */
  async function found(text) {
    const columns = await server.sql(
      `SELECT columns.table_name AS "table", column_name AS "column", udt_name AS type
         FROM information_schema.columns JOIN information_schema.tables
              USING (table_schema, table_name)
        WHERE table_schema = 'wildnout' AND table_type = 'BASE TABLE'`);
    assert.ok(columns.length > 150, "every table is looked at");
    const places = [];
    for (const { table, column, type } of columns) {
      const value = type === "bytea" ? `encode("${column}", 'escape')` : `"${column}"::text`;
      const hits = await server.sql(
        `SELECT count(*) FROM "${table}" WHERE position(lower($1) IN lower(${value})) > 0`, [text]);
      if (Number(hits[0].count) > 0) places.push(`${table}.${column}`);
    }
    return places;
  }

  const verified = async () => {
    await until(async () => {
      const rows = await server.sql(
        "SELECT 1 FROM audit_log WHERE NOT EXISTS " +
          "(SELECT FROM audit_seal_rows WHERE row_id = audit_log.id)");
      return rows.length === 0;
    }, "the trail is sealed");
    const { body } = await admin.ask("GET", "/admin/audit/verify", { expect: 200 });
    return body;
  };
  /** What anybody may hold us to: results, ballots, counts, another voter's proof. */
  async function evidence() {
    const results = await other.ask("GET", `/battles/${ids.poll}/results`, { expect: 200 });
    const ballots = await fetch(`${server.baseUrl}/api/v1/battles/${ids.poll}/ballots`);
    const proof = await other.ask("GET", `/battles/${ids.poll}/proof?voteId=${ids.otherVote}`,
      { expect: 200 });
    const { body: battle } = await other.ask("GET", `/battles/${ids.poll}`, { expect: 200 });
    const { voteCount, entryCount, participantCount } = battle;
    return {
      results: results.body, ballots: await ballots.text(), proof: proof.body,
      counts: { voteCount, entryCount, participantCount },
    };
  }

  async function liveOnTheHouse() {
    await webhook("user.created", clerkUser(1000));
    token = await clerk.token(CLERK_ID, { exp: Math.floor(Date.now() / 1000) + 3600 });
    userId = (await ask("GET", "/auth/session", { expect: 200 })).body.userId;
    await webhook("session.created", { id: "sess_another", user_id: CLERK_ID }, {
      event_attributes: { http_request: { client_ip: ADDRESS, user_agent: `Phone ${CANARY}` } } });
    await ask("PATCH", "/users/me", {
      body: {
        username: CANARY, displayName: `Name ${CANARY}`, bio: `Bio ${CANARY}`,
        location: `Town ${CANARY}`, links: [`https://example.com/${CANARY}`],
        avatarUrl: `https://example.com/${CANARY}.png`,
      },
      expect: 200,
    });
    await ask("PUT", "/users/me/preferences", {
      body: { language: `x-${CANARY}`.slice(0, 35) } });
    await ask("PUT", `/users/${other.userId}/follow`, { expect: 204 });
    await other.ask("PUT", `/users/${userId}/follow`, { expect: 204 });
    await ask("PUT", `/users/${admin.userId}/block`, { expect: 204 });
    await ask("PUT", `/users/${admin.userId}/mute`, { expect: 204 });
    await ask("POST", "/auth/ws-ticket");
  }
  const newBattle = async (more = {}) => {
    const { body } = await ask("POST", "/battles", {
      body: battleBody({
        entering: LONG_SECONDS, voting: LONG_SECONDS, title: `Title ${CANARY}`,
        description: `Description ${CANARY}`, ...more }),
      headers: { "idempotency-key": `key-${CANARY}-${randomUUID()}` },
      expect: 201,
    });
    return body.id;
  };
  const enter = async (user, battle, line, more = {}) =>
    (await user.ask("POST", `/battles/${battle}/entries`, {
      body: { ...verse(line), ...more }, expect: 201 })).body.id;

  async function fight() {
    ids.poll = await newBattle();
    ids.open = await newBattle();
    await reached(other, ids.poll, "active");
    await reached(other, ids.open, "active");
    ids.entry = await enter(leaver, ids.poll, `A verse of ${CANARY} that stands in the ring`);
    const theirs = await enter(other, ids.poll, "A verse of mine that stands against it");
    ids.openEntry = await enter(leaver, ids.open, `A verse of ${CANARY} that is still changed`);
    ids.draft = await enter(leaver, ids.open, `A draft of ${CANARY} for later`, { draft: true });
    await force(server, ids.poll, "voting");
    await vote(leaver, ids.poll, theirs, { expect: 201 });
    ids.otherVote = (await vote(other, ids.poll, ids.entry, { expect: 201 })).body.id;
    await server.sql("UPDATE votes SET network = 42 WHERE user_id = $1", [userId]);
    await force(server, ids.poll, "completed");
    ids.cancelled = await newBattle();
    await admin.ask("POST", `/battles/${ids.cancelled}/transition`, {
      body: { to: "cancelled", reason: `Because of ${CANARY}` }, expect: 200 });
    await admin.ask("POST", `/admin/users/${userId}/suspend`, {
      body: { reason: `Staff on ${CANARY}` }, expect: 200 });
    await admin.ask("POST", `/admin/users/${userId}/unsuspend`, { expect: 200 });
    await server.sql(
      `INSERT INTO anomalies (id, kind, subject_type, subject_id, severity, mode, fact_count,
                              evidence, first_at, last_at, resolution, note, resolved_by,
                              resolved_at)
       VALUES (gen_random_uuid(), 'massExport', 'user', $1, 'warning', 'alert', 1, $2, now(), now(),
               'falseAlarm', $3, $4, now())`,
      [userId, JSON.stringify({ about: CANARY }), `Note on ${CANARY}`, admin.userId]);
    const { body } = await ask("POST", "/users/me/exports", { expect: 202 });
    await until(async () => {
      const { body: one } = await ask("GET", `/users/me/exports/${body.exportId}`);
      ids.link = one.downloadUrl;
      return one.status === "ready";
    }, "the export is ready");
    await until(async () => {
      const { status } = await other.ask("GET", `/battles/${ids.poll}/results`);
      return status === 200;
    }, "the results are there");
  }

  test("finds the person everywhere before: what is looked for could be found", async () => {
    await liveOnTheHouse();
    await fight();
    const places = await until(async () => {
      const seen = await found(CANARY);
      return seen.includes("users.bio") && seen;
    }, "the canary is there");
    for (const place of [
      "users.username", "users.display_name", "users.bio", "users.location", "users.links",
      "users.avatar_url", "users.search_name", "battles.title", "battles.description",
      "battle_entries.body", "battle_history.reason", "outbox.data", "idempotency_keys.key",
      "anomalies.note", "anomalies.evidence",
    ]) {
      assert.ok(places.includes(place), `${place} in ${places}`);
    }
    const inTrail = [...places, ...(await found(ADDRESS))].filter((one) => one.startsWith("audit"));
    assert.deepEqual(inTrail, [], "the trail never holds it in clear");
    const { body: trail } = await admin.ask("GET",
      `/admin/audit?userId=${userId}&actionType=user.exportRequested`, { expect: 200 });
    assert.equal(trail.items[0].ipAddress, ADDRESS, "who may read the trail reads it");
    assert.match(trail.items[0].userAgent, new RegExp(CANARY));
    const { body: suspended } = await admin.ask("GET",
      `/admin/audit?userId=${userId}&actionType=user.suspended`, { expect: 200 });
    assert.equal(suspended.items[0].metadata.reason, `Staff on ${CANARY}`);
    certain = await evidence();
    assert.equal((await verified()).ok, true);
  });

  test("turns the person out at once", async () => {
    await ask("DELETE", "/users/me?immediate=true", { expect: 204 });
    await ask("GET", "/auth/session", { expect: 401 });
    assert.equal((await fetch(ids.link)).status, 404, "the archive is gone");
    await other.ask("GET", `/users/${userId}`, { expect: 404 });
    const { body } = await other.ask("GET", "/users/me", { expect: 200 });
    assert.deepEqual([body.stats.followers, body.stats.following], [0, 0]);
  });

  test("leaves the person in no column of any table", async () => {
    await until(async () => (await found(CANARY)).length === 0 || null, "nothing is left", 20_000)
      .catch(async () => assert.deepEqual(await found(CANARY), []));
    assert.deepEqual(await found(ADDRESS), []);
    const [{ count }] = await server.sql(
      "SELECT count(*) FROM votes WHERE user_id = $1 AND network IS NOT NULL", [userId]);
    assert.equal(Number(count), 0);
    const { body: trail } = await admin.ask("GET", `/admin/audit?userId=${userId}`,
      { expect: 200 });
    assert.ok(trail.items.length > 3, "what happened stays");
    assert.equal(JSON.stringify(trail).includes(CANARY), false);
    assert.equal(JSON.stringify(trail).includes(ADDRESS), false);
  });

  test("changes no count, no result and no proof, and the trail still verifies", async () => {
    assert.deepEqual(await evidence(), certain);
    const check = await runBinary(
      ["verify-results", `${server.baseUrl}/api/v1/battles/${ids.poll}`]);
    assert.equal(check.code, 0, check.stdout + check.stderr);
    const verification = await verified();
    assert.equal(verification.ok, true, JSON.stringify(verification));
    const { body: entry } = await other.ask("GET", `/entries/${ids.entry}`, { expect: 200 });
    assert.equal(entry.content.body ?? "", "");
    assert.equal(entry.author.displayName, "Deleted user");
    const { body: open } = await other.ask("GET", `/battles/${ids.open}`, { expect: 200 });
    assert.equal(open.entryCount, 0, "an entry that could be withdrawn is");
    const [{ total }] = await server.sql(
      "SELECT count(*) AS total FROM battle_entries WHERE id = $1", [ids.draft]);
    assert.equal(Number(total), 0, "a draft goes whole");
  });

  test("is for good: nothing that comes later brings the person back", async () => {
    await webhook("user.updated", clerkUser(Date.now() + 60_000));
    await webhook("user.created", clerkUser(Date.now() + 120_000));
    await webhook("session.created", { id: "sess_late", user_id: CLERK_ID }, {
      event_attributes: { http_request: { client_ip: ADDRESS, user_agent: CANARY } } });
    token = await clerk.token(CLERK_ID, { sid: "sess_new" });
    await ask("GET", "/auth/session", { expect: 401 });
    assert.deepEqual(await found(CANARY), []);
    assert.deepEqual(await found(ADDRESS), []);
  });

  test("looks once more for what was under way, also over a crash", async () => {
    await server.sql(
      `INSERT INTO battle_entries (id, battle_id, user_id, content_type, body, status,
                                   moderation_status)
       VALUES (gen_random_uuid(), $1, $2, 'text', $3, 'draft', 'approved')`,
      [ids.open, userId, `late ${CANARY}`]);
    await server.sql(
      "INSERT INTO outbox (id, type, aggregate_id, data) VALUES (gen_random_uuid(), 'x', $1, $2)",
      [ids.poll, JSON.stringify({ title: `late ${CANARY}` })]);
    assert.ok((await found(CANARY)).length >= 2);
    const moved = await until(
      () => server.sql(
        "UPDATE jobs SET run_at = now() WHERE type = 'erase_person' AND state = 'waiting' " +
          "RETURNING id").then((rows) => rows.length > 0),
      "the second look is waiting");
    assert.ok(moved);
    await server.kill();
    await server.sql("UPDATE jobs SET leased_until = now() WHERE state = 'running'");
    server.start();
    await server.ready();
    await until(async () => (await found(CANARY)).length === 0, "nothing is left");
    await until(() => /a person was erased/.test(server.log()), "it is over");
    assert.equal((await verified()).ok, true);
  });
});
