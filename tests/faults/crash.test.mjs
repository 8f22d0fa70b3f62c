// kill -9 during votes, five times: what was answered is kept, what fell due happens once.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { battleBody, openVote, verse, vote, reached } from "../e2e/support/battles.mjs";
import { startServer, until } from "../e2e/support/server.mjs";

const CRASHES = 5;
const VOTERS_A_CRASH = 300;
const VOTES_AT_ONCE = 32;
const KILL_AFTER_ANSWERS = 60;
const STEPS = ["battle.activated", "battle.votingStarted", "battle.completed"];

describe("a server that is killed while it counts", { timeout: 600_000 }, () => {
  let server;

  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  /** Votes until the line breaks; `answers` gets every answer that came. */
  async function castUntilCut(battle, voters, answers, onAnswer) {
    const queue = [...voters.entries()];
    const lane = async () => {
      for (let next = queue.pop(); next; next = queue.pop()) {
        const [number, voter] = next;
        const entryId = battle.entryIds[number % battle.entryIds.length];
        // Every third goes the way of a transaction of its own.
        const key = number % 3 === 0 ? `vote-${voter.userId}` : null;
        const headers = key ? { "idempotency-key": key } : {};
        try {
          const answer = await vote(voter, battle.id, entryId, { headers });
          answers.push({ voter, entryId, key, answer });
          onAnswer(answers.length);
        } catch (fault) {
          if (fault.name === "AssertionError") throw fault;
          return; // the line broke
        }
      }
    };
    await Promise.all(Array.from({ length: VOTES_AT_ONCE }, lane));
  }

  async function checkVotes(battle, acknowledged) {
    const rows = await server.sql(
      "SELECT id, user_id, entry_id FROM votes WHERE battle_id = $1", [battle.id]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const { voter, entryId, answer } of acknowledged) {
      const row = byId.get(answer.body.id);
      assert.ok(row, `the vote ${answer.body.id} was answered with 201 and is lost`);
      assert.deepEqual([row.user_id, row.entry_id], [voter.userId, entryId]);
    }
    const pairs = new Set(rows.map((row) => `${row.user_id} ${row.entry_id}`));
    assert.equal(pairs.size, rows.length, "a vote is counted twice");
    const { body } = await battle.creator.ask("GET", `/battles/${battle.id}/tally`,
      { expect: 200 });
    assert.equal(body.totalVotes, rows.length, "the tally is not what the rows are");
    for (const entry of body.entries) {
      const own = rows.filter((row) => row.entry_id === entry.entryId).length;
      assert.equal(entry.votes, own);
    }
    const [counters] = await server.sql(
      `SELECT vote_count::int AS battle, (SELECT sum(vote_count)::int FROM battle_entries
              WHERE battle_id = b.id) AS entries FROM battles b WHERE id = $1`, [battle.id]);
    assert.deepEqual(counters, { battle: rows.length, entries: rows.length });
  }

  test("five times loses no answered vote and counts none twice", async () => {
    const battle = await openVote(server, { entries: 3, voting: 1200 });
    const acknowledged = [];
    for (let crash = 1; crash <= CRASHES; crash += 1) {
      const voters = await server.users(VOTERS_A_CRASH);
      const answers = [];
      let killed = null;
      await castUntilCut(battle, voters, answers, (count) => {
        if (count >= KILL_AFTER_ANSWERS && !killed) killed = server.kill();
      });
      assert.ok(killed, "all votes were cast before the crash");
      await killed;
      await server.restart();
      for (const one of answers) assert.equal(one.answer.status, 201, one.answer.text);
      acknowledged.push(...answers);
      await checkVotes(battle, acknowledged);

      // The same key again replays; a vote without a key is known to be there.
      const keyed = answers.find((one) => one.key);
      const again = await vote(keyed.voter, battle.id, keyed.entryId,
        { headers: { "idempotency-key": keyed.key }, expect: 201 });
      assert.equal(again.text, keyed.answer.text);
      assert.equal(again.headers["idempotency-replayed"], "true");
      const plain = answers.find((one) => !one.key);
      await vote(plain.voter, battle.id, plain.entryId, { expect: "409 already_voted" });
    }
    await checkVotes(battle, acknowledged);
  });

  test("takes the steps that fell due while it was down once and in order", async () => {
    const creator = await server.user();
    const authors = await server.users(2);
    const { body: whole } = await creator.ask("POST", "/battles", {
      body: battleBody({ startsIn: 600, entering: 600, voting: 600 }),
      expect: 201,
    });
    const { body: half } = await creator.ask("POST", "/battles", {
      body: battleBody({ startsIn: 0, entering: 600, voting: 600 }),
      expect: 201,
    });
    await reached(creator, half.id, "active");
    for (const author of authors) {
      await author.ask("POST", `/battles/${half.id}/entries`, { body: verse(), expect: 201 });
    }
    await server.kill();
    // Half an hour and more passes.
    await server.sql(
      `UPDATE battles SET start_time = start_time - interval '31 minutes',
              end_time = end_time - interval '31 minutes',
              voting_start_time = voting_start_time - interval '31 minutes',
              voting_end_time = voting_end_time - interval '31 minutes'`);
    const before = Date.now();
    await server.restart();
    for (const id of [whole.id, half.id]) {
      await reached(creator, id, "completed");
      const { body: history } = await creator.ask("GET", `/battles/${id}/history`,
        { expect: 200 });
      const oldestFirst = [...history.items].sort((a, b) => (a.at < b.at ? -1 : 0));
      assert.equal(history.items.length, 4);
      const rows = await server.sql(
        "SELECT from_status, to_status FROM battle_history WHERE battle_id = $1 ORDER BY step",
        [id]);
      assert.deepEqual(rows.map((row) => row.to_status),
        ["upcoming", "active", "voting", "completed"]);
      assert.ok(Date.parse(oldestFirst.at(-1).at) >= before - 1000);
      const told = await until(async () => {
        const events = await server.sql(
          `SELECT type, delivered_at, attempts FROM outbox
            WHERE aggregate_id = $1 AND type = ANY($2) ORDER BY sequence`, [id, STEPS]);
        return events.every((event) => event.delivered_at) && events;
      }, "every step is told");
      assert.deepEqual(told.map((event) => event.type), STEPS);
    }
    const { body: results } = await creator.ask("GET", `/battles/${half.id}/results`,
      { expect: 200 });
    assert.equal(results.ranking.length, 2);
  });
});
