// kill -9 in the integrity window: a ring is voided once, the result certified once, told once.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { openVote, reached, vote } from "../e2e/support/battles.mjs";
import { startServer, until } from "../e2e/support/server.mjs";

const RING = 50;
const HONEST = 500;
const BATTLES = 3;

// Accounts and votes put in place as voting would have left them: `network` null for an address of
// each voter's own.
const CROWD = `
  WITH people AS (
    INSERT INTO users (id, display_name, created_at)
    SELECT gen_random_uuid(), 'Crowd', now() - $4 * interval '1 hour' - i * interval '7 seconds'
    FROM generate_series(1, $3::int) AS i RETURNING id),
  numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM people),
  cast_votes AS (
    INSERT INTO votes (battle_id, user_id, entry_id, id, weight, salt, created_at, network)
    SELECT $1, id, $2, gen_random_uuid(), 1, gen_random_uuid(),
      date_trunc('milliseconds', now() - interval '1 hour'
                                 + place * $5 / $3 * interval '1 millisecond'),
      coalesce($6::bigint, hashtextextended(id::text, 1))
    FROM numbered),
  entry_counted AS (UPDATE battle_entries SET vote_count = vote_count + $3::int WHERE id = $2)
  UPDATE battles SET vote_count = vote_count + $3::int WHERE id = $1`;

describe("a server that is killed before a result is final", { timeout: 240_000 }, () => {
  let server;

  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  async function endedBattle() {
    const battle = await openVote(server, {
      entries: 3,
      voting: 4,
      rules: { fairPlay: "void", integrityMinutes: 10 },
    });
    const voter = await server.user();
    await vote(voter, battle.id, battle.entryIds[0], { expect: 201 });
    const crowd = (entry, size, hours, milliseconds, network) => server.sql(
      CROWD, [battle.id, battle.entryIds[entry], size, hours, milliseconds, network]);
    await crowd(0, HONEST / 2, 200, 3_600_000, null);
    await crowd(1, HONEST / 2, 300, 3_600_000, null);
    await crowd(2, RING, 0, 1_900, 99);
    await reached(battle.creator, battle.id, "completed", 30_000);
    return battle;
  }

  const results = async (battle) =>
    (await battle.creator.ask("GET", `/battles/${battle.id}/results`, { expect: 200 })).body;

  async function told(battle, type) {
    const [row] = await server.sql(
      "SELECT count(*)::int AS times FROM outbox WHERE aggregate_id = $1 AND type = $2",
      [battle.id, type]);
    return row.times;
  }

  async function checkCounters(battle) {
    const [row] = await server.sql(
      `SELECT vote_count::int AS counter,
         (SELECT count(*)::int FROM votes WHERE battle_id = $1 AND void_id IS NULL) AS rows
       FROM battles WHERE id = $1`, [battle.id]);
    assert.equal(row.counter, row.rows);
    assert.equal(row.rows, HONEST + 1);
  }

  test("certifies each result once, without the ring and with everybody else", async () => {
    for (let round = 0; round < BATTLES; round += 1) {
      const battle = await endedBattle();
      // Killed while the detectors are at work, right behind them, or while it certifies.
      if (round === 1) {
        await until(async () => (await results(battle)).voidedVotes === RING, "the ring is voided");
      }
      if (round === 2) {
        await until(async () => (await results(battle)).voidedVotes === RING, "the ring is voided");
        await server.sql(
          "UPDATE battle_results SET certifies_at = now() WHERE battle_id = $1", [battle.id]);
        await server.sql(
          "UPDATE jobs SET run_at = now() WHERE unique_key = $1 AND state = 'waiting'",
          [`certify:${battle.id}`]);
      }
      await server.kill();
      await server.sql(
        `UPDATE battle_results SET certifies_at = now() - interval '1 minute'
         WHERE battle_id = $1 AND state = 'provisional'`, [battle.id]);
      await server.restart();
      const final = await until(async () => {
        const body = await results(battle);
        return body.state === "certified" && body;
      }, "the result is certified", 90_000);
      assert.equal(final.voidedVotes, RING);
      assert.equal(final.totalVotes, HONEST + 1);
      assert.equal(final.certifiesAt, null);
      assert.equal(await told(battle, "battle.certified"), 1);
      assert.equal(await told(battle, "battle.result"), 3);
      assert.equal(await told(battle, "vote.voided"), 1);
      await checkCounters(battle);
    }
  });
});
