// The demonstration: battles that move by themselves, people who stay, and no battle left behind.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startServer, until } from "./support/server.mjs";

const CROWD = 150;

describe("serve --demo", { timeout: 300_000 }, () => {
  let server;

  before(async () => {
    server = await startServer({ demo: true });
  });
  after(() => server?.stop());

  const people = async () =>
    (await server.sql("SELECT count(*)::int AS count FROM users WHERE is_demo"))[0].count;

  test("fills the house: battles, verses and votes, all marked as made up", async () => {
    await until(async () => (await people()) === CROWD, "the crowd has come");
    const { body } = await until(async () => {
      const answer = await server.api("GET", "/api/v1/battles?status=voting", { expect: 200 });
      return answer.body.items.some((battle) => battle.voteCount > 0) && answer;
    }, "votes are counted");
    assert.ok(body.items.every((battle) => battle.entryCount > 0));
    const [{ real }] = await server.sql(
      "SELECT count(*)::int AS real FROM battles WHERE NOT is_demo");
    assert.equal(real, 0);
  });

  test("leaves no battle that nobody moves, and comes back with the same people", async () => {
    assert.equal(await server.terminate(), 0);
    const open = await server.sql(
      "SELECT id FROM battles WHERE status NOT IN ('completed', 'cancelled')");
    assert.deepEqual(open, []);
    await server.restart();
    await until(async () => {
      const { body } = await server.api("GET", "/api/v1/battles?status=active", { expect: 200 });
      return body.items.length > 0;
    }, "new battles are open");
    assert.equal(await people(), CROWD);
  });
});
