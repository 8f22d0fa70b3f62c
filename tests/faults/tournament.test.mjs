// A tournament of 13 with a no-show, a tie, a disqualification, and kill -9 between two rounds.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { battleBody, reached, verse, vote } from "../e2e/support/battles.mjs";
import { startServer, until } from "../e2e/support/server.mjs";

const ENTRANTS = 13;
const ROUNDS = 4;
const ROUND_SECONDS = 15; // room for a machine that is busy
const ENTERING_SECONDS = 12;
const STEPS_OF_A_ROUND = ["upcoming", "voting", "completed"];

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const bytesOf = (id) => Buffer.from(id.replaceAll("-", ""), "hex");

/** Entries by seed, made from what the bracket publishes alone (docs/tournaments.md). */
function seededBy(secret, entryIds) {
  const ascending = entryIds.map(bytesOf).sort(Buffer.compare);
  const draw = sha256(secret, ...ascending);
  return [...entryIds].sort((x, y) =>
    Buffer.compare(sha256(draw, bytesOf(x)), sha256(draw, bytesOf(y))));
}

describe("a tournament", { timeout: 300_000 }, () => {
  let server;

  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  async function bracketOf(user, id) {
    return (await user.ask("GET", `/battles/${id}/bracket`, { expect: 200 })).body;
  }

  /** Waits until the voting of a round is open; its bracket. */
  async function roundVotes(user, id, round) {
    return until(async () => {
      const bracket = await bracketOf(user, id);
      const shown = bracket.rounds[round - 1];
      const isOpen = shown?.pairings.every((one) => one.status !== "waiting") &&
        Date.parse(shown.startsAt) < Date.now() - 200;
      return isOpen && bracket;
    }, `round ${round} votes`, 60_000);
  }

  async function castFor(users, battleId, entryId) {
    for (const user of users) await vote(user, battleId, entryId, { expect: 201 });
  }

  test("of 13 ends with the right winner, and takes each step once", async () => {
    const creator = await server.user();
    const admin = await server.user({ roles: ["admin"] });
    const { body: cup } = await creator.ask("POST", "/battles", {
      body: battleBody({
        battleType: "tournament",
        rules: { bracketSize: 16, roundSeconds: ROUND_SECONDS },
        entering: ENTERING_SECONDS,
        voting: ROUNDS * ROUND_SECONDS,
      }),
      expect: 201,
    });
    await reached(creator, cup.id, "active");
    const { seeding: promised } = await bracketOf(creator, cup.id);
    assert.equal(promised.secret, null);
    const authors = await server.users(ENTRANTS);
    const authorOf = new Map();
    for (const author of authors) {
      const { body } = await author.ask("POST", `/battles/${cup.id}/entries`,
        { body: verse(), expect: 201 });
      authorOf.set(body.id, author);
    }
    // A no-show: their entry waits for a moderator when the first round begins.
    const absent = [...authorOf.keys()][4];
    await server.sql(
      "UPDATE battle_entries SET moderation_status = 'pending' WHERE id = $1", [absent]);

    const voters = await server.users(3);
    let bracket = await roundVotes(creator, cup.id, 1);
    assert.equal(bracket.size, 16);
    assert.equal(bracket.rounds.length, ROUNDS);
    assert.equal(bracket.seeding.commitment, promised.commitment);
    const secret = Buffer.from(bracket.seeding.secret, "hex");
    assert.equal(sha256(secret).toString("hex"), promised.commitment);
    const seeded = seededBy(secret, [...authorOf.keys()]);
    const sides = bracket.rounds[0].pairings.flatMap(({ a, b }) => [a, b]).filter(Boolean);
    assert.equal(sides.length, ENTRANTS);
    for (const side of sides) assert.equal(seeded[side.seed - 1], side.entryId);
    const byes = bracket.rounds[0].pairings.filter((pairing) => pairing.bye);
    assert.deepEqual(byes.map(({ a }) => a.seed).sort(), [1, 2, 3]);

    // Round 1: a tie in one pairing, side b wins in the others; the no-show forfeits, unless it has
    // a bye: then it forfeits in the round after.
    const expected = new Map();
    const tied = bracket.rounds[0].pairings.find(({ status }) => status === "voting");
    for (const pairing of bracket.rounds[0].pairings) {
      const { a, b, status } = pairing;
      const battleId = bracket.rounds[0].battleId;
      if (pairing === tied) {
        // The same number of votes: the earlier last vote wins by the chain.
        await castFor([voters[0]], battleId, b.entryId);
        await castFor([voters[1]], battleId, a.entryId);
        expected.set(pairing.id, b.entryId);
      } else if (status === "voting") {
        await castFor([voters[0]], battleId, b.entryId);
        expected.set(pairing.id, b.entryId);
      } else if (status === "forfeited") {
        const isA = a.entryId === absent;
        assert.ok(isA || b.entryId === absent);
        expected.set(pairing.id, isA ? b.entryId : a.entryId);
      } else {
        expected.set(pairing.id, a.entryId);
      }
    }
    await vote(voters[0], bracket.rounds[0].battleId, tied.a.entryId,
      { expect: "409 already_voted" });

    // kill -9 between two rounds.
    await until(() => Date.now() > Date.parse(bracket.rounds[0].endsAt) - 300, "the round's end",
      60_000);
    await server.kill();
    await server.restart();
    const socket = await server.socket({ token: creator.token });
    await socket.subscribe(`battle:${cup.id}`);
    bracket = await roundVotes(creator, cup.id, 2);
    for (const pairing of bracket.rounds[0].pairings) {
      assert.equal(pairing.winner.entryId, expected.get(pairing.id), JSON.stringify(pairing));
    }

    // Round 2: somebody is disqualified although they lead; side a wins elsewhere.
    const round2 = bracket.rounds[1];
    const voting = round2.pairings.filter(({ status }) => status === "voting");
    const cheat = voting[0].a;
    await castFor(voters, round2.battleId, cheat.entryId);
    await admin.ask("POST", `/battles/${cup.id}/entries/${cheat.entryId}/disqualify`,
      { body: { reason: "These bars are somebody else's" }, expect: 200 });
    await vote(await server.user(), round2.battleId, cheat.entryId, { expect: "404 not_found" });
    for (const { a } of voting.slice(1)) await castFor([voters[0]], round2.battleId, a.entryId);

    // Round 3: an administrator ends it early; voting goes through the tournament's own id.
    bracket = await roundVotes(creator, cup.id, 3);
    const forfeited = bracket.rounds[1].pairings.find(({ id }) => id === voting[0].id);
    assert.equal(forfeited.status, "forfeited");
    assert.equal(forfeited.winner.entryId, voting[0].b.entryId);
    for (const { b } of bracket.rounds[2].pairings) {
      const { body } = await vote(voters[1], cup.id, b.entryId, { expect: 201 });
      assert.equal(body.battleId, bracket.rounds[2].battleId);
    }
    await admin.ask("POST", `/battles/${bracket.rounds[2].battleId}/transition`,
      { body: { to: "completed", reason: "The crowd has spoken" }, expect: 200 });

    // The final.
    bracket = await roundVotes(creator, cup.id, 4);
    const [final] = bracket.rounds[3].pairings;
    assert.deepEqual([final.a.entryId, final.b.entryId].sort(),
      bracket.rounds[2].pairings.map(({ b }) => b.entryId).sort());
    await castFor(voters, bracket.rounds[3].battleId, final.b.entryId);
    const done = await reached(creator, cup.id, "completed", 60_000);
    assert.ok(Date.parse(done.votingEndTime) <= Date.parse(cup.votingEndTime));

    bracket = await bracketOf(creator, cup.id);
    assert.deepEqual(bracket.champion, final.b);
    assert.deepEqual(bracket.rounds[3].pairings[0].votes, { a: 0, b: 3 });
    const { body: results } = await creator.ask("GET", `/battles/${cup.id}/results`,
      { expect: 200 });
    assert.equal(results.ranking[0].entryId, final.b.entryId);
    assert.equal(results.ranking[1].entryId, final.a.entryId);
    assert.equal(results.ranking.length, ENTRANTS - 2);
    const semiFinalists = bracket.rounds[2].pairings.map(({ a }) => a.entryId).sort();
    assert.deepEqual(results.ranking.slice(2, 4).map((row) => row.entryId).sort(), semiFinalists);

    // Every step once, told once, in order.
    const stepsOf = async (id) => (await server.sql(
      "SELECT to_status FROM battle_history WHERE battle_id = $1 ORDER BY step", [id]))
      .map((row) => row.to_status);
    assert.deepEqual(await stepsOf(cup.id), ["upcoming", "active", "voting", "completed"]);
    for (const round of bracket.rounds) {
      assert.deepEqual(await stepsOf(round.battleId), STEPS_OF_A_ROUND);
    }
    const told = await until(async () => {
      const events = await server.sql(
        "SELECT type, data, delivered_at FROM outbox WHERE aggregate_id = $1 ORDER BY sequence",
        [cup.id]);
      return events.every((event) => event.delivered_at) && events;
    }, "everything is told");
    const rounds = told.filter(({ type }) => type.startsWith("battle.round"))
      .map(({ type, data }) => `${type} ${(data.round ?? JSON.parse(data).round)}`);
    assert.deepEqual(rounds, [1, 2, 3, 4].flatMap((round) =>
      [`battle.roundStarted ${round}`, `battle.roundCompleted ${round}`]));
    await socket.wait(({ type }) => type === "battle.result", "the result is told");
    const heard = socket.messages.filter(({ data }) => data?.round >= 3)
      .map(({ type, data }) => `${type} ${data.round}`);
    assert.deepEqual(heard, [3, 4].flatMap((round) =>
      [`battle.roundStarted ${round}`, `battle.roundCompleted ${round}`]));
    const votes = await server.sql(
      `SELECT count(*)::int AS doubled FROM (SELECT 1 FROM votes WHERE pairing IS NOT NULL
       GROUP BY battle_id, user_id, pairing HAVING count(*) > 1) AS twice`);
    assert.equal(votes[0].doubled, 0);

    // Rounds stay out of lists unless they are asked for.
    const { body: list } = await creator.ask("GET", `/battles?creatorId=${creator.userId}`,
      { expect: 200 });
    assert.deepEqual(list.items.map((item) => item.id), [cup.id]);
    const { body: own } = await creator.ask("GET", `/battles?parentId=${cup.id}`, { expect: 200 });
    assert.equal(own.items.length, ROUNDS);
  });
});
