// A database a server, on the PostgreSQL that the tests are given.

import { randomBytes } from "node:crypto";
import pg from "pg";

function adminUrl() {
  const url = process.env.WILDNOUT_TEST_DATABASE_URL;
  if (!url) throw new Error("WILDNOUT_TEST_DATABASE_URL names no PostgreSQL; ./test sets it");
  return url;
}

// postgresql://user@/NAME?host=… ; not a URL that `new URL` takes.
const BEFORE_AND_NAME = /^(postgres(?:ql)?:\/\/[^/]*\/)([^?]*)/;

async function asAdmin(statement) {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Makes an empty database and answers its URL. */
export async function createDatabase() {
  const name = `e2e_${randomBytes(6).toString("hex")}`;
  await asAdmin(`CREATE DATABASE ${name}`);
  return adminUrl().replace(BEFORE_AND_NAME, `$1${name}`);
}

export async function dropDatabase(url) {
  const [, , name] = url.match(BEFORE_AND_NAME);
  await asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** Cuts a database off, as if its server were away; the answer lets it in again. */
export async function refuseConnections(url) {
  const [, , name] = url.match(BEFORE_AND_NAME);
  await asAdmin(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  return () => asAdmin(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
}

/** A pool of two connections in the product's schema; lost ones are opened anew. */
export function openSql(url) {
  const options = "-c search_path=wildnout";
  const pool = new pg.Pool({ connectionString: url, max: 2, options });
  pool.on("error", () => {});
  return pool;
}
