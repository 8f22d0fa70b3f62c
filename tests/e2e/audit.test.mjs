// The audit trail of a running server: what is on it, and who may read it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { battleBody } from "./support/battles.mjs";
import { runBinary, startServer, until } from "./support/server.mjs";

describe("the audit trail", { timeout: 120_000 }, () => {
  let server;
  let admin;
  let user;
  before(async () => {
    server = await startServer();
    admin = await server.user({ roles: ["admin"] });
    user = await server.user();
  });
  after(() => server?.stop());

  const rows = async (query = "") =>
    (await admin.ask("GET", `/admin/audit${query}`, { expect: 200 })).body.items;
  const verdict = async () => (await admin.ask("GET", "/admin/audit/verify", { expect: 200 })).body;
  const doctor = () => runBinary(["doctor"], {
    WILDNOUT_ENV: "development", DATABASE_URL: server.databaseUrl, WILDNOUT_DATA: server.data,
  });

  test("tells of forced steps and of denied permissions: who, what, from where", async () => {
    const made = await user.ask("POST", "/battles", {
      body: battleBody({ startsIn: 60, entering: 60, voting: 60 }), expect: 201,
    });
    const battle = made.body;
    const step = { to: "cancelled", reason: "an audit test" };
    const path = `/battles/${battle.id}/transition`;
    const denied = await user.ask("POST", path, { body: step, expect: "403 forbidden" });
    const forced = await admin.ask("POST", path, { body: step, expect: 200 });
    const [row] = await rows("?actionType=battle.transitionForced");
    assert.equal(row.actorId, admin.userId);
    assert.equal(row.subjectId, battle.id);
    assert.equal(row.severity, "warning");
    assert.equal(row.metadata.reason, "an audit test");
    assert.equal(row.ipAddress, "127.0.0.1");
    assert.equal(row.requestId, forced.headers["x-request-id"]);
    const [denial] = await rows(`?actorId=${user.userId}`);
    assert.equal(denial.actionType, "permission.denied");
    assert.equal(denial.requestId, denied.headers["x-request-id"]);
    assert.equal(denial.metadata.permission, "battle:administer");
  });

  test("is for admins", async () => {
    await user.ask("GET", "/admin/audit", { expect: "403 forbidden" });
    await server.api("GET", "/api/v1/admin/audit", { expect: "401 unauthorized" });
  });

  test("is sealed, holds, and the doctor says so", async () => {
    await until(async () => {
      const [{ open }] = await server.sql(`SELECT count(*)::int AS open FROM wildnout.audit_log
        WHERE id NOT IN (SELECT row_id FROM wildnout.audit_seal_rows)`);
      return open === 0;
    }, "every row is sealed");
    const result = await verdict();
    assert.equal(result.ok, true);
    assert.ok(result.checkedRows >= 3 && result.sealedThrough);
    assert.match(server.log(), /audit trail sealed.*hash=[0-9a-f]{64}/);
    const examined = await doctor();
    assert.equal(examined.code, 0, examined.stdout + examined.stderr);
    assert.match(examined.stdout, /ok {5}audit trail: \d+ rows/);
  });

  test("is not changed by a slip of SQL", async () => {
    await assert.rejects(server.sql("DELETE FROM wildnout.audit_log"), /only ever added to/);
  });
});
