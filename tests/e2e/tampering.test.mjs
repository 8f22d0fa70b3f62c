// Five ways of tampering with the audit trail by SQL as superuser: the API and the doctor tell.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { runBinary, startServer, until } from "./support/server.mjs";

const UNCHECKED = "SET session_replication_role = replica;";
const ROWS = 6;

// Each on a trail of its own: `rows` of one seal, the `last` seal.
const TAMPERINGS = [
  {
    what: "an edited row",
    kind: "edited",
    sql: ({ rows }) => `UPDATE audit_log SET severity = 'info' WHERE id = '${rows[0]}'`,
  },
  {
    what: "a deleted row",
    kind: "deleted",
    sql: ({ rows }) => `DELETE FROM audit_log WHERE id = '${rows[0]}'`,
  },
  {
    what: "an inserted row",
    kind: "inserted",
    sql: ({ rows }) => `INSERT INTO audit_log
      SELECT gen_random_uuid(), created_at, action_type, actor_id, subject_type, subject_id,
             severity, metadata, ip_address, user_agent, request_id, key_id, mac
        FROM audit_log WHERE id = '${rows[0]}'`,
  },
  {
    what: "reordered rows",
    kind: "reordered",
    sql: ({ seal, rows: [a, b] }) => `DROP INDEX audit_seal_rows_row;
      UPDATE audit_seal_rows AS one SET row_id = other.row_id, row_hash = other.row_hash
        FROM audit_seal_rows AS other
       WHERE one.seal = ${seal} AND other.seal = ${seal} AND one.row_id <> other.row_id
         AND one.row_id IN ('${a}', '${b}') AND other.row_id IN ('${a}', '${b}')`,
  },
  {
    what: "the newest row, cut off with its seal",
    kind: "truncated",
    sql: ({ last }) => `
      DELETE FROM audit_log WHERE id IN (SELECT row_id FROM audit_seal_rows WHERE seal = ${last});
      DELETE FROM audit_seal_rows WHERE seal = ${last};
      DELETE FROM audit_seals WHERE number = ${last}`,
  },
];

async function writeRows(server) {
  const admin = await server.admin();
  const users = await server.users(ROWS);
  const body = { reason: "Spam" };
  await Promise.all(users.map(({ userId }) =>
    admin.ask("POST", `/admin/users/${userId}/suspend`, { body, expect: 200 })));
  await until(async () => {
    const [{ unsealed }] = await server.sql(`SELECT count(*)::int AS unsealed FROM audit_log
      WHERE id NOT IN (SELECT row_id FROM audit_seal_rows)`);
    return unsealed === 0;
  }, "all rows are sealed");
}

async function sealedRows(server) {
  const [{ last }] = await server.sql("SELECT max(number) AS last FROM audit_seals");
  const [{ seal, rows }] = await server.sql(`
    SELECT seal, array_agg(row_id ORDER BY position) AS rows
      FROM audit_seal_rows GROUP BY seal ORDER BY count(*) DESC LIMIT 1`);
  return { last, seal, rows };
}

const doctor = (server) =>
  runBinary(["doctor"], {
    WILDNOUT_ENV: "development",
    WILDNOUT_DATA: server.data,
    DATABASE_URL: server.databaseUrl,
  });

describe("an audit trail that was tampered with", { timeout: 600_000 }, () => {
  let server;
  let admin;

  before(async () => {
    server = await startServer();
    admin = await server.admin();
    await writeRows(server);
  });
  after(() => server?.stop());

  test("holds when nothing was done to it, and the doctor says so", async () => {
    const { body } = await admin.ask("GET", "/admin/audit/verify", { expect: 200 });
    assert.equal(body.ok, true);
    assert.equal(body.firstFault, null);
    assert.ok(body.checkedRows >= ROWS);
    const { code, stdout } = await doctor(server);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /ok +audit trail/);
  });

  test("the server's own connections cannot change it", async () => {
    const rows = await server.sql(`SELECT has_table_privilege('wildnout_server', c.oid,
        'UPDATE, DELETE, TRUNCATE') AS may FROM pg_class c WHERE c.relname LIKE 'audit\\_%'
        AND c.relkind IN ('r', 'p')`);
    assert.ok(rows.length >= 6);
    assert.ok(rows.every(({ may }) => may === false));
  });

  for (const { what, kind, sql } of TAMPERINGS) {
    test(`${what} is found by the API and by the doctor, with the fix`, async () => {
      const own = await startServer();
      try {
        const me = await own.admin();
        await writeRows(own);
        await writeRows(own);
        await own.sql(UNCHECKED + sql(await sealedRows(own)));
        const { body } = await me.ask("GET", "/admin/audit/verify", { expect: 200 });
        assert.equal(body.ok, false);
        assert.equal(body.firstFault.kind, kind);
        const { code, stdout } = await doctor(own);
        assert.equal(code, 1, stdout);
        assert.match(stdout, new RegExp(`FAULT +audit trail: ${kind}`));
        assert.match(stdout, /to mend it: see docs\/audit\.md/);
      } finally {
        await own.stop();
      }
    });
  }
});
