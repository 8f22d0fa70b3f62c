// Many at once: what may happen once happens once, and nothing after its time.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { battleBody, openVote, reached, verse, vote } from "./support/battles.mjs";
import { startServer } from "./support/server.mjs";

const DUPLICATES = 1000;
const QUOTA = 3;
const QUOTA_VOTES = 200;
const ENTRANTS = 500;
const MAX_ENTRIES = 100;

function tallied(answers) {
  const counts = {};
  for (const answer of answers) {
    const key = answer.status < 400 ? String(answer.status) : answer.body.error.code;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const times = (count, make) =>
  Promise.all(Array.from({ length: count }, (_, number) => make(number)));

describe("races", { timeout: 600_000 }, () => {
  let server;

  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  async function rowsOf(battleId, userId) {
    return server.sql("SELECT entry_id FROM votes WHERE battle_id = $1 AND user_id = $2",
      [battleId, userId]);
  }

  async function checkCounters(battleId) {
    const [counts] = await server.sql(
      `SELECT vote_count::int AS told, (SELECT count(*)::int FROM votes v WHERE v.battle_id = b.id)
              AS votes, entry_count AS entries_told,
              (SELECT count(*)::int FROM battle_entries e WHERE e.battle_id = b.id
               AND e.status = 'submitted' AND e.moderation_status = 'approved') AS entries
         FROM battles b WHERE id = $1`, [battleId]);
    assert.equal(counts.told, counts.votes);
    assert.equal(counts.entries_told, counts.entries);
    const entries = await server.sql(
      `SELECT e.vote_count::int AS told, (SELECT count(*)::int FROM votes v
              WHERE v.entry_id = e.id AND v.battle_id = e.battle_id) AS votes
         FROM battle_entries e WHERE battle_id = $1`, [battleId]);
    for (const entry of entries) assert.equal(entry.told, entry.votes);
  }

  test("a thousand votes of one user for one entry at once are one vote", async () => {
    const battle = await openVote(server);
    const voter = await server.user();
    const answers = await times(DUPLICATES, () => vote(voter, battle.id, battle.entryIds[0]));
    assert.deepEqual(tallied(answers), { 201: 1, already_voted: DUPLICATES - 1 });
    assert.equal((await rowsOf(battle.id, voter.userId)).length, 1);
    await checkCounters(battle.id);
  });

  test("a quota of three holds against two hundred votes at once", async () => {
    const battle = await openVote(server, {
      entries: 10,
      rules: { votesPerUser: QUOTA },
    });
    const voter = await server.user();
    const answers = await times(QUOTA_VOTES, (number) =>
      vote(voter, battle.id, battle.entryIds[number % battle.entryIds.length]));
    const { 201: taken, already_voted: again = 0, vote_limit_reached: over = 0 } = tallied(answers);
    assert.equal(taken, QUOTA);
    assert.equal(again + over, QUOTA_VOTES - QUOTA);
    assert.equal((await rowsOf(battle.id, voter.userId)).length, QUOTA);
    await checkCounters(battle.id);
  });

  test("five hundred users entering at once fill a hundred places", async () => {
    const creator = await server.user();
    const users = await server.users(ENTRANTS);
    const { body: battle } = await creator.ask("POST", "/battles", {
      body: battleBody({ entering: 60, voting: 60, rules: { maxEntries: MAX_ENTRIES } }),
      expect: 201,
    });
    await reached(creator, battle.id, "active");
    const answers = await times(ENTRANTS, (number) =>
      users[number].ask("POST", `/battles/${battle.id}/entries`, { body: verse() }));
    assert.deepEqual(tallied(answers), { 201: MAX_ENTRIES, conflict: ENTRANTS - MAX_ENTRIES });
    await checkCounters(battle.id);
    const { body: after } = await creator.ask("GET", `/battles/${battle.id}`, { expect: 200 });
    assert.equal(after.entryCount, MAX_ENTRIES);
  });

  test("one user entering fifty times at once enters once", async () => {
    const creator = await server.user();
    const { body: battle } = await creator.ask("POST", "/battles", {
      body: battleBody({ entering: 60, voting: 60 }),
      expect: 201,
    });
    await reached(creator, battle.id, "active");
    const answers = await times(50, () =>
      creator.ask("POST", `/battles/${battle.id}/entries`, { body: verse() }));
    assert.deepEqual(tallied(answers), { 201: 1, duplicate_entry: 49 });
    await checkCounters(battle.id);
  });
});

describe("with the scheduler stopped", { timeout: 300_000 }, () => {
  let server;

  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  test("no vote and no entry is taken after its phase", async () => {
    const creator = await server.user();
    const voting = await openVote(server, { voting: 600 });
    const { body: entering } = await creator.ask("POST", "/battles", {
      body: battleBody({ entering: 600, voting: 600 }),
      expect: 201,
    });
    await reached(creator, entering.id, "active");
    const users = await server.users(400);
    await server.restart({ WILDNOUT_ROLES: "api,realtime" });
    const [{ ends }] = await server.sql(
      `UPDATE battles SET end_time = CASE WHEN id = $1 THEN end_time ELSE soon.at END,
              voting_end_time = CASE WHEN id = $1 THEN soon.at ELSE voting_end_time END
         FROM (SELECT now_ms() + interval '4 seconds' AS at) AS soon
        WHERE id IN ($1, $2) RETURNING soon.at AS ends`, [voting.id, entering.id]);

    const taken = { votes: [], entries: [] };
    const end = ends.getTime();
    let next = 0;
    while (Date.now() < end + 500 && next < users.length) {
      const user = users[next];
      next += 1;
      const [cast, entered] = await Promise.all([
        vote(user, voting.id, voting.entryIds[next % 2]),
        user.ask("POST", `/battles/${entering.id}/entries`, { body: verse() }),
      ]);
      taken.votes.push(cast);
      taken.entries.push(entered);
      await pause(10);
    }
    await pause(Math.max(0, end + 10 - Date.now()));
    const late = await server.user();
    await vote(late, voting.id, voting.entryIds[0], { expect: "409 battle_not_voting" });
    await late.ask("POST", `/battles/${entering.id}/entries`,
      { body: verse(), expect: "409 battle_not_active" });
    assert.equal(tallied(taken.votes)["201"] > 0, true, "some votes came in time");
    for (const { status, body } of taken.votes.filter((one) => one.status === 201)) {
      assert.ok(Date.parse(body.createdAt) < end, `${status} ${body.createdAt}`);
    }
    for (const { body } of taken.entries.filter((one) => one.status === 201)) {
      assert.ok(Date.parse(body.createdAt) < end, body.createdAt);
    }
    const rows = await server.sql(
      `SELECT b.status, (SELECT count(*)::int FROM votes v WHERE v.battle_id = b.id
               AND v.created_at >= b.voting_end_time) AS late_votes
         FROM battles b WHERE id = ANY($1)`, [[voting.id, entering.id]]);
    for (const row of rows) {
      assert.equal(row.late_votes, 0);
      assert.notEqual(row.status, "completed", "the scheduler was not stopped");
    }
  });
});
