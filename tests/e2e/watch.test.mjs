// The watch from the outside: attacks become cases, cases are resolved, reports count them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startServer, until } from "./support/server.mjs";

const FORBIDDEN = ["/admin/audit", "/admin/anomalies", "/admin/audit/verify"];
const yearAround = () => {
  const at = (days) => new Date(Date.now() + days * 86_400_000).toISOString();
  return `from=${at(-30)}&to=${at(1)}`;
};

describe("the watch", { timeout: 600_000 }, () => {
  let server;
  let admin;

  before(async () => {
    server = await startServer({ env: { WILDNOUT_ANOMALY_FAILED_SIGN_INS: "alert 20/10m" } });
    admin = await server.admin();
  });
  after(() => server?.stop());

  const cases = async (query = "") =>
    (await admin.ask("GET", `/admin/anomalies${query}`, { expect: 200 })).body.items;
  const caseOf = (kind) =>
    until(async () => (await cases(`?kind=${kind}`))[0], `a case of ${kind}`, 60_000, 200);

  test("who tries what they may not is one case, which is resolved once", async () => {
    const prober = await server.user();
    for (let i = 0; i < 12; i += 1) {
      await prober.ask("GET", FORBIDDEN[i % FORBIDDEN.length], { expect: "403 forbidden" });
    }
    const found = await caseOf("permissionProbing");
    assert.equal(found.subjectId, prober.userId);
    assert.equal(found.state, "open");
    assert.equal(found.evidence.routes.length, FORBIDDEN.length);
    const resolve = (body, expect) =>
      admin.ask("POST", `/admin/anomalies/${found.id}/resolve`, { body, expect });
    const { body } = await resolve({ resolution: "confirmed", note: "a script" }, 200);
    assert.equal(body.state, "resolved");
    assert.equal(body.resolvedBy, admin.userId);
    await resolve({ resolution: "confirmed", note: "a script" }, 200);
    await resolve({ resolution: "falseAlarm", note: "a script" }, "409 conflict");
    assert.match(server.log(), /"anomaly"|anomaly.*permissionProbing/);
  });

  test("a burst of bad credentials is one case of a network, with no address in it", async () => {
    for (let i = 0; i < 25; i += 1) {
      await server.api("GET", "/api/v1/users/me", { token: `forged-${i}`, expect: 401 });
    }
    const found = await caseOf("failedSignIns");
    assert.equal(found.subjectType, "network");
    assert.ok(found.factCount >= 20);
    assert.doesNotMatch(JSON.stringify(found), /127\.0\.0\.1/);
    assert.equal((await cases("?kind=failedSignIns")).length, 1);
  });

  test("the report counts it, as JSON and as a table", async () => {
    const { body } = await admin.ask("GET", `/admin/reports/compliance?${yearAround()}`,
      { expect: 200 });
    const denials = body.areas.find(({ area }) => area === "denials").count;
    assert.ok(denials >= 12);
    assert.ok(body.signInFailures >= 25);
    assert.equal(body.auditChain.ok, true);
    const table = await admin.ask("GET", `/admin/reports/compliance?${yearAround()}`,
      { headers: { accept: "text/csv" }, expect: 200 });
    assert.match(table.headers["content-type"], /^text\/csv/);
    assert.match(table.text, /^"section","name","value"\r\n/);
    assert.match(table.text, new RegExp(`"areas","denials","${denials}"\r\n`));
    await admin.ask("GET", "/admin/reports/compliance?from=2020-01-01T00:00:00Z"
      + "&to=2022-01-01T00:00:00Z", { expect: "400 validation_error" });
  });

  test("an admin who asks is told which rule decided, and nobody else is", async () => {
    const headers = { "x-explain": "1" };
    const told = await admin.ask("GET", "/admin/audit", { headers, expect: 200 });
    const explanation = JSON.parse(told.headers["x-explain"]);
    assert.equal(explanation.decision, "allowed");
    assert.match(explanation.rule, /audit:read/);
    assert.deepEqual(explanation.facts.roles, ["user", "admin"]);
    const user = await server.user();
    const refused = await user.ask("GET", "/admin/audit", { headers, expect: 403 });
    assert.equal(refused.headers["x-explain"], undefined);
  });
});
