// One whole battle by real clients, watched by two sockets from its first entry to its crown.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { battleBody, reached, verse, vote } from "./support/battles.mjs";
import { startServer, until } from "./support/server.mjs";

const PHASE_SECONDS = 8;
const VOTERS = 200;
const STEP_WITHIN_MS = 5000; // on a busy machine; the benchmarks measure it
const LIFECYCLE = ["battle.activated", "battle.votingStarted", "battle.completed"];

describe("a whole battle", { timeout: 600_000 }, () => {
  let server;

  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  test("is told once, in order and in time, and is counted right", async () => {
    const creator = await server.user({ username: "host" });
    const authors = await server.users(2);
    const voters = await server.users(VOTERS);
    const watchers = [];
    for (const watcher of await server.users(2)) {
      watchers.push(await server.socket({ token: watcher.token }));
    }

    const created = await creator.ask("POST", "/battles", {
      body: battleBody({ startsIn: 1, entering: PHASE_SECONDS, voting: PHASE_SECONDS }),
      expect: 201,
    });
    const battle = created.body;
    const channel = `battle:${battle.id}`;
    assert.equal(created.headers.location, `/api/v1/battles/${battle.id}`);
    for (const socket of watchers) {
      const joined = await socket.subscribe(channel);
      assert.equal(joined.snapshot.id ?? joined.snapshot.battle?.id ?? joined.snapshot.battleId,
        battle.id);
      await socket.subscribe("battles");
    }

    await reached(creator, battle.id, "active");
    const entryIds = [];
    for (const author of authors) {
      const entry = await author.ask("POST", `/battles/${battle.id}/entries`, {
        body: verse(),
        expect: 201,
      });
      entryIds.push(entry.body.id);
    }
    await reached(creator, battle.id, "voting");
    const expected = [0, 0];
    await Promise.all(
      voters.map(async (voter, number) => {
        const choice = number % 3 === 0 ? 1 : 0;
        expected[choice] += 1;
        await vote(voter, battle.id, entryIds[choice], { expect: 201 });
      }),
    );
    await reached(creator, battle.id, "completed");
    await Promise.all(watchers.map((socket) =>
      until(() => socket.on(channel, "battle.result").length === 2, "both results are told")));

    await checkMessages(watchers, channel, battle, entryIds, expected);
    await checkCounts(creator, battle, entryIds, expected);
  });

  async function checkMessages(watchers, channel, battle, entryIds, expected) {
    const due = [battle.startTime, battle.endTime, battle.votingEndTime].map(Date.parse);
    for (const socket of watchers) {
      for (const name of [channel, "battles"]) {
        const steps = socket.on(name, ...LIFECYCLE, "battle.cancelled")
          .filter((message) => message.data.battleId === battle.id);
        assert.deepEqual(steps.map((step) => step.type), LIFECYCLE, name);
        steps.forEach((step, number) => {
          const late = step.arrivedAt - due[number];
          const taken = Date.parse(step.data.at) - due[number];
          assert.ok(late >= -20 && late < STEP_WITHIN_MS, `${step.type} ${late} ms late`);
          assert.ok(taken >= 0 && taken < STEP_WITHIN_MS, `${step.type} taken ${taken} ms late`);
        });
      }
      const onChannel = socket.messages.filter((one) => one.channel === channel && one.seq);
      const numbers = onChannel.filter((one) => one.data !== undefined);
      for (let next = 1; next < numbers.length; next += 1) {
        const step = 1 + (numbers[next].skipped ?? 0);
        assert.equal(numbers[next].seq, numbers[next - 1].seq + step, "a gap in the channel");
      }
      assert.deepEqual(
        socket.on(channel, "battle.newEntry").map((message) => message.data.id), entryIds);
      const tallies = socket.on(channel, "battle.tally");
      const last = Object.fromEntries(
        tallies.at(-1).data.entries.map((entry) => [entry.entryId, entry.votes]));
      assert.deepEqual(last, { [entryIds[0]]: expected[0], [entryIds[1]]: expected[1] });
      assert.equal(tallies.at(-1).data.totalVotes, VOTERS);
      const results = socket.on(channel, "battle.result").map((message) => message.data);
      assert.deepEqual(results.map((one) => [one.position, one.entryId, one.votes]),
        [[1, entryIds[0], expected[0]], [2, entryIds[1], expected[1]]]);
    }
  }

  async function checkCounts(creator, battle, entryIds, expected) {
    const rows = await server.sql(
      "SELECT entry_id, count(*)::int AS votes FROM votes WHERE battle_id = $1 GROUP BY 1",
      [battle.id]);
    const counted = Object.fromEntries(rows.map((row) => [row.entry_id, row.votes]));
    assert.deepEqual(counted, { [entryIds[0]]: expected[0], [entryIds[1]]: expected[1] });
    const { body: results } = await creator.ask("GET", `/battles/${battle.id}/results`,
      { expect: 200 });
    assert.equal(results.totalVotes, VOTERS);
    assert.deepEqual(results.ranking.map((row) => [row.rank, row.entryId, row.votes]),
      [[1, entryIds[0], expected[0]], [2, entryIds[1], expected[1]]]);
    const { body: tally } = await creator.ask("GET", `/battles/${battle.id}/tally`,
      { expect: 200 });
    assert.equal(tally.totalVotes, VOTERS);
    const { body: history } = await creator.ask("GET", `/battles/${battle.id}/history`,
      { expect: 200 });
    const taken = history.items.map((step) => step.to);
    assert.deepEqual([...taken].sort(), ["active", "completed", "upcoming", "voting"]);
    const { body: final } = await creator.ask("GET", `/battles/${battle.id}`, { expect: 200 });
    assert.deepEqual([final.status, final.voteCount, final.entryCount, final.participantCount],
      ["completed", VOTERS, 2, 2]);
  }
});
