// A battle of 10,000 votes that anybody can check, and every lie about it that is found out.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { request } from "undici";

import { openVote, reached, vote } from "./support/battles.mjs";
import { startServer } from "./support/server.mjs";

const REAL_VOTERS = 60;
const VOTES = 10_000;
const VERIFIER = new URL("./support/verify_results.py", import.meta.url).pathname;
const BINARY = process.env.WILDNOUT_BINARY ??
  new URL("../../build/release/wildnout", import.meta.url).pathname;

/** Runs a program: `{status, text}`. */
function run(program, commandLine) {
  return new Promise((resolve) => {
    execFile(program, commandLine, { timeout: 60_000 }, (fault, out, err) => {
      resolve({ status: fault ? fault.code : 0, text: out + err });
    });
  });
}

const clone = (value) => structuredClone(value);
const otherHex = (text) => (text.startsWith("0") ? "1" : "0") + text.slice(1);

describe("a result of 10,000 votes", { timeout: 300_000 }, () => {
  let server;
  let folder;
  let battle;
  let truth; // {results, battle, ballots, proof}
  let receipt;
  let voters;

  before(async () => {
    server = await startServer();
    folder = await mkdtemp(join(tmpdir(), "wildnout-verify."));
    battle = await openVote(server, { entries: 6, voting: 3000, rules: { votesPerUser: 1 } });
    voters = await server.users(REAL_VOTERS);
    const cast = await Promise.all(voters.map((voter, number) =>
      vote(voter, battle.id, battle.entryIds[number % 2], { expect: 201 })));
    receipt = cast[0].body;
    // The crowd: as the server writes votes, and counted where it counts them.
    await server.sql(
      `INSERT INTO votes (battle_id, user_id, entry_id, id, weight, salt, created_at)
       SELECT $1, gen_random_uuid(), ($2::uuid[])[3 + i % 4],
         overlay(gen_random_uuid()::text PLACING left(v.id::text, 8) FROM 1 FOR 8)::uuid, 1,
         gen_random_uuid(), date_trunc('milliseconds', v.created_at + i * interval '1 ms')
       FROM generate_series(1, $3::int) AS i,
            (SELECT id, created_at FROM votes WHERE battle_id = $1 LIMIT 1) AS v`,
      [battle.id, battle.entryIds, VOTES - REAL_VOTERS]);
    const admin = await server.user({ roles: ["admin"] });
    await admin.ask("GET", `/battles/${battle.id}/ballots`, { expect: "409 conflict" });
    await voters[0].ask("GET", `/battles/${battle.id}/proof?voteId=${receipt.id}`,
      { expect: "409 conflict" });
    await admin.ask("POST", `/battles/${battle.id}/transition`,
      { body: { to: "completed", reason: "the test has voted" }, expect: 200 });
    await reached(admin, battle.id, "completed");
    const read = async (rest, user = admin) =>
      (await user.ask("GET", `/battles/${battle.id}${rest}`, { expect: 200 })).body;
    truth = {
      results: await read("/results"),
      battle: await read(""),
      ballots: await read("/ballots"),
      proof: await read(`/proof?voteId=${receipt.id}`, voters[0]),
    };
  });
  after(async () => {
    await server?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Both verifiers on these documents: `{ours, theirs}`. */
  async function verify({ results, battle: shown, ballots, proof }) {
    const at = (name) => join(folder, name);
    await Promise.all([
      writeFile(at("results.json"), JSON.stringify(results)),
      writeFile(at("battle.json"), JSON.stringify(shown)),
      writeFile(at("ballots.jsonl"), ballots.map((one) => `${JSON.stringify(one)}\n`).join("")),
      writeFile(at("proof.json"), JSON.stringify(proof)),
    ]);
    const [ours, theirs] = await Promise.all([
      run(BINARY, ["verify-results", "--file", at("results.json"), "--ballots",
        at("ballots.jsonl"), "--battle", at("battle.json"), "--proof", at("proof.json")]),
      run("python3", [VERIFIER, at("results.json"), at("ballots.jsonl"), at("battle.json"),
        at("proof.json")]),
    ]);
    return { ours, theirs };
  }

  test("holds for our verifier, over the network too, and for an independent one", async () => {
    assert.equal(truth.ballots.length, VOTES);
    const { ours, theirs } = await verify(truth);
    assert.equal(ours.status, 0, ours.text);
    assert.equal(theirs.status, 0, theirs.text);
    const remote = await run(BINARY, ["verify-results",
      `${server.baseUrl}/api/v1/battles/${battle.id}`, "--proof", join(folder, "proof.json")]);
    assert.equal(remote.status, 0, remote.text);
    const missing = await run(BINARY, ["verify-results",
      `${server.baseUrl}/api/v1/battles/${receipt.id}`]);
    assert.equal(missing.status, 2, missing.text);
  });

  test("gives each voter a proof of their own vote and of no other's", async () => {
    assert.equal(truth.proof.leaf, receipt.receipt);
    const path = `/battles/${battle.id}/proof?voteId=${receipt.id}`;
    await voters[1].ask("GET", path, { expect: 404 });
    for (const voter of voters.slice(0, 20)) {
      const mine = await voter.ask("GET", `/battles/${battle.id}/votes/me`, { expect: 200 });
      const own = mine.body.items[0];
      const proof = await voter.ask("GET", `/battles/${battle.id}/proof?voteId=${own.id}`,
        { expect: 200 });
      assert.equal(truth.ballots[proof.body.index].leaf, own.receipt);
    }
  });

  test("sends its ballots in chunks, under their hash", async () => {
    const url = `${server.baseUrl}/api/v1/battles/${battle.id}/ballots`;
    const answer = await request(url, { dispatcher: server.agent });
    await answer.body.text();
    assert.equal(answer.headers["transfer-encoding"], "chunked");
    assert.equal(answer.headers.etag, `"${truth.results.ballotsHash}"`);
    const known = await request(url, {
      dispatcher: server.agent, headers: { "if-none-match": answer.headers.etag } });
    await known.body.dump();
    assert.equal(known.statusCode, 304);
  });

  const lies = {
    "a ballot's entry": (t) => {
      const moved = t.ballots[4321];
      moved.entryId = t.ballots.find((ballot) => ballot.entryId !== moved.entryId).entryId;
    },
    "a ballot's weight": (t) => { t.ballots[77].weight = 2; },
    "a ballot's time": (t) => { t.ballots[5].createdAt = "2026-01-01T00:00:00.000Z"; },
    "a ballot's leaf": (t) => { t.ballots[9999].leaf = otherHex(t.ballots[9999].leaf); },
    "a ballot left out": (t) => { t.ballots.splice(100, 1); },
    "a ballot added": (t) => { t.ballots.push({ ...t.ballots[1], leaf: "ab".repeat(32) }); },
    "a ballot twice": (t) => { t.ballots.push(t.ballots[1]); },
    "a ballot voided": (t) => { t.ballots.at(-1).voided = { reason: "burst" }; },
    "the order of ballots": (t) => { t.ballots.splice(8, 2, t.ballots[9], t.ballots[8]); },
    "a rule": (t) => { t.battle.rules.maxTextLength += 1; },
    "the tie chain": (t) => { t.battle.rules.tieBreakers.reverse(); },
    "an entry's votes": (t) => { t.results.ranking[2].votes += 1; },
    "an entry's weighted votes": (t) => { t.results.ranking[2].weightedVotes += 1; },
    "an entry's voters": (t) => { t.results.ranking[0].uniqueVoters -= 1; },
    "an entry's last vote": (t) => {
      t.results.ranking[1].lastVoteAt = "2026-01-01T00:00:00.000Z";
    },
    "the votes in all": (t) => { t.results.totalVotes += 1; },
    "the voided votes": (t) => { t.results.voidedVotes += 1; },
    "a reason for voids": (t) => { t.results.voidedByReason.push({ reason: "burst", count: 1 }); },
    "the winner": ({ results: { ranking } }) => { ranking.splice(0, 2, ranking[1], ranking[0]); },
    "a rank": (t) => { t.results.ranking[3].rank = 3; },
    "an entry left out": (t) => { t.results.ranking.pop(); },
    "how a tie was decided": (t) => {
      const tied = t.results.ranking.find((one) => one.tieBreak);
      tied.tieBreak.value = "chance";
    },
    "the root": (t) => { t.results.merkleRoot = otherHex(t.results.merkleRoot); },
    "the rules' hash": (t) => { t.results.rulesHash = otherHex(t.results.rulesHash); },
    "the ballots' hash": (t) => { t.results.ballotsHash = otherHex(t.results.ballotsHash); },
    "the state": (t) => { t.results.state = "provisional"; },
    "a proof's path": (t) => { t.proof.path[3] = otherHex(t.proof.path[3]); },
    "a proof's place": (t) => { t.proof.index += 1; },
    "a proof's salt": (t) => { t.proof.salt = otherHex(t.proof.salt); },
    "a proof's vote": (t) => { t.proof.entryId = t.results.ranking[0].entryId; },
  };
  for (const [what, lie] of Object.entries(lies)) {
    test(`is refuted by a lie about ${what}`, async () => {
      const told = clone(truth);
      lie(told);
      const { ours, theirs } = await verify(told);
      assert.equal(ours.status, 1, ours.text);
      assert.match(ours.text, /FAULT: /);
      assert.equal(theirs.status, 1, theirs.text);
    });
  }

  test("by another algorithm is not judged", async () => {
    const told = clone(truth);
    told.results.algorithm = "wildnout-results/99";
    assert.equal((await verify(told)).ours.status, 2);
  });
});
