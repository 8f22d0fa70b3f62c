// What webhooks did not bring is found at Clerk's and brought.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ClerkApi } from "./support/clerk-api.mjs";
import { Clerk } from "./support/clerk.mjs";
import { startServer, until } from "./support/server.mjs";

const SECRET = "sk_test_of_these_tests";
const USERS = 450; // three pages of the list

describe("the reconciler", { timeout: 180_000 }, () => {
  let clerk;
  let api;
  let server;

  before(async () => {
    clerk = await Clerk.start();
    api = await ClerkApi.start(SECRET);
    for (let one = 0; one < USERS; one += 1) api.put(`user_${String(one).padStart(4, "0")}`);
    api.busy = 2;
    server = await startServer({
      env: clerk.env({ CLERK_SECRET_KEY: SECRET, CLERK_API_URL: api.url }),
    });
  });
  after(async () => {
    await server?.stop();
    await api?.stop();
    await clerk?.stop();
  });

  const runs = () => server.sql("SELECT * FROM clerk_reconciliations ORDER BY began_at");
  const finished = (count) =>
    until(async () => {
      const rows = await runs();
      return rows.length === count && rows.every((row) => row.finished_at) && rows;
    }, `${count} runs`);
  /** Lets the last run be older than a day, and starts the server anew. */
  async function again() {
    await server.sql("UPDATE clerk_reconciliations SET began_at = began_at - interval '2 days'");
    const before = (await runs()).length;
    await server.restart();
    const rows = await finished(before + 1);
    return rows[rows.length - 1];
  }
  const state = async (id) =>
    (await server.sql("SELECT * FROM users WHERE clerk_id = $1", [id]))[0];
  const metric = async (kind) => {
    const text = await (await fetch(`${server.baseUrl}/metrics`)).text();
    const name = `wildnout_clerk_drift_users_total{kind="${kind}"}`;
    const line = text.split("\n").find((one) => one.startsWith(name));
    return line ? Number(line.split(" ")[1]) : 0;
  };

  test("waits as long as Clerk says, and brings everybody who is missing", async () => {
    const [run] = await finished(1);
    assert.equal(Number(run.missing), USERS);
    const [{ count }] = await server.sql("SELECT count(*) FROM users WHERE clerk_id LIKE 'user_%'");
    assert.equal(Number(count), USERS);
    const refused = api.log.filter((one) => one.status === 429);
    assert.equal(refused.length, 2);
    for (const one of refused) {
      const next = api.log.find((other) => other.at > one.at);
      assert.ok(next.at - one.at >= api.retryAfter * 1000 - 50, "asked again too soon");
    }
    assert.equal(await metric("missing"), USERS);
    const [{ count: told }] = await server.sql(
      "SELECT count(*) FROM outbox WHERE type = 'user.registered'");
    assert.equal(Number(told), USERS);
  });

  test("brings what has changed, and who is gone goes here too, for good", async () => {
    api.put("user_0007", { first_name: "Renamed", updated_at: Date.now() });
    api.put("user_0008", { banned: true, updated_at: Date.now() });
    api.users.delete("user_0009");
    const run = await again();
    assert.deepEqual([run.missing, run.changed, run.gone].map(Number), [0, 2, 1]);
    assert.equal((await state("user_0007")).display_name, "Renamed");
    assert.ok((await state("user_0008")).banned_at);
    assert.ok((await state("user_0009")).deleted_at);
    api.put("user_0009", { updated_at: Date.now() + 1000 });
    const next = await again();
    assert.deepEqual([next.missing, next.changed, next.gone].map(Number), [0, 0, 0]);
    assert.ok((await state("user_0009")).deleted_at, "nothing brings the deleted back");
  });

  test("deletes nobody when too many seem gone: the key may be of another instance", async () => {
    const kept = new Map(api.users);
    api.users.clear();
    api.put("user_of_somebody_else");
    const run = await again();
    assert.equal(Number(run.gone), 0);
    const [{ count }] = await server.sql(
      "SELECT count(*) FROM users WHERE clerk_id LIKE 'user_0%' AND deleted_at IS NULL");
    assert.equal(Number(count), USERS - 1);
    assert.match(server.log(), /nobody is deleted/);
    assert.ok((await metric("implausible")) > 400);
    api.users = kept;
  });

  test("is made by one node, also when two start at once", async () => {
    await server.sql("UPDATE clerk_reconciliations SET began_at = began_at - interval '2 days'");
    const before = (await runs()).length;
    await server.terminate();
    const second = await startServer({
      env: clerk.env({ CLERK_SECRET_KEY: SECRET, CLERK_API_URL: api.url }),
      databaseUrl: server.databaseUrl,
      isAwaited: false,
    });
    server.start();
    await Promise.all([server.ready(), second.ready()]);
    await finished(before + 1);
    await second.stop();
  });
});
