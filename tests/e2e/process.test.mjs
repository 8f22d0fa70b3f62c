// The process from outside: its subcommands, its configuration, its database, a neighbour.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { exportSPKI, generateKeyPair } from "jose";

import { battleBody, reached, verse, vote } from "./support/battles.mjs";
import { createDatabase, dropDatabase, refuseConnections } from "./support/database.mjs";
import { runBinary, startServer, until } from "./support/server.mjs";

const START_WITHIN_MS = 20_000; // the machine may be busy
const STEP_WITHIN_SECONDS = 5;
const PHASE_SECONDS = 6;
const BATTLES = 20;

describe("subcommands", { timeout: 600_000 }, () => {
  let folder;
  let databaseUrl;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "wildnout-e2e."));
    databaseUrl = await createDatabase();
  });
  after(async () => {
    await dropDatabase(databaseUrl);
    await rm(folder, { recursive: true });
  });

  test("config names each value with its origin and hides secrets", async () => {
    const file = join(folder, "wildnout.toml");
    await writeFile(file, 'log = "warn"\ngrace = "7s"\n');
    const { code, stdout } = await runBinary(
      ["config", "--config", file, "--grace", "8s"],
      { WILDNOUT_ENV: "development", DATABASE_URL: "postgresql://u:hidden-word@h/d" });
    assert.equal(code, 0);
    const lines = Object.fromEntries(stdout.trim().split("\n").map((line) => {
      const [key, ...rest] = line.split(/\s{2,}/);
      return [key, rest];
    }));
    assert.deepEqual(lines.WILDNOUT_ENV, ["development", "environment"]);
    assert.deepEqual(lines.WILDNOUT_GRACE, ["8s", "--grace"]);
    assert.equal(lines.WILDNOUT_LOG[0], "warn");
    assert.match(lines.WILDNOUT_LOG[1], /wildnout\.toml:1/);
    assert.equal(lines.WILDNOUT_LISTEN[1], "default");
    assert.ok(!stdout.includes("hidden-word"));
  });

  test("faults of the configuration are told all at once, with their fix, and exit 2", async () => {
    const { code, stderr } = await runBinary(["serve", "--listen", "nowhere"], {
      WILDNOUT_ENV: "development",
      WILDNOUT_THREADS: "none",
      WILDNOUT_LOG: "loud",
      WILDNOUT_ROLES: "api,chef",
      DATABASE_URL: "hidden-word",
    });
    assert.equal(code, 2);
    for (const word of ["WILDNOUT_LISTEN (--listen)", "WILDNOUT_THREADS (environment)",
      "WILDNOUT_LOG", "WILDNOUT_ROLES", "DATABASE_URL"]) {
      assert.ok(stderr.includes(word), `${word} is not in ${stderr}`);
    }
    assert.equal(stderr.match(/to mend it/g).length, 5);
    assert.ok(!stderr.includes("hidden-word"));
    for (const line of [["serve", "--no-such-flag"], ["dance"], []]) {
      assert.equal((await runBinary(line)).code, 2, line.join(" "));
    }
  });

  test("production asks for its secrets and refuses demo and the development issuer", async () => {
    const bare = await runBinary(["serve"], {});
    assert.equal(bare.code, 2);
    assert.match(bare.stderr, /DATABASE_URL/);
    assert.match(bare.stderr, /CLERK_ISSUER/);
    const demo = await runBinary(["serve", "--demo"], {
      DATABASE_URL: databaseUrl,
      CLERK_ISSUER: "https://clerk.example.com",
      WILDNOUT_DEV_ISSUER: "loopback",
      WILDNOUT_MIN_PHASE: "1s",
    });
    assert.equal(demo.code, 2);
    for (const word of ["WILDNOUT_DEMO", "WILDNOUT_DEV_ISSUER", "WILDNOUT_MIN_PHASE"]) {
      assert.ok(demo.stderr.includes(word), demo.stderr);
    }
  });

  test("migrate status and up say what is applied", async () => {
    const env = { WILDNOUT_ENV: "development", DATABASE_URL: databaseUrl };
    const before = await runBinary(["migrate", "status"], env);
    assert.equal(before.code, 0, before.stderr);
    const all = before.stdout.trim().split("\n");
    assert.ok(all.length >= 4 && all.every((line) => line.endsWith("not applied")), before.stdout);
    const up = await runBinary(["migrate", "up"], env);
    assert.equal(up.stdout, `${all.length} migrations applied\n`);
    assert.equal((await runBinary(["migrate", "up"], env)).stdout, "0 migrations applied\n");
    const after = await runBinary(["migrate", "status"], env);
    assert.match(after.stdout, /\d{4}-\d\d-\d\dT/);
    assert.ok(!after.stdout.includes("not applied"));
  });

  test("a port that is taken ends the start with a plain word", async () => {
    const neighbour = createServer().listen(0, "127.0.0.1");
    await once(neighbour, "listening");
    try {
      const { code, stdout, stderr } = await runBinary(
        ["serve", "--listen", `127.0.0.1:${neighbour.address().port}`, "--data", folder],
        { WILDNOUT_ENV: "development", DATABASE_URL: databaseUrl });
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /in use/);
    } finally {
      neighbour.close();
    }
  });
});

describe("production", { timeout: 600_000 }, () => {
  test("has no development issuer, no broadcast, and no short phases", async () => {
    const { publicKey } = await generateKeyPair("RS256", { extractable: true });
    const server = await startServer({
      env: {
        WILDNOUT_ENV: "production",
        CLERK_ISSUER: "https://clerk.example.com",
        CLERK_JWT_KEY: await exportSPKI(publicKey),
      },
    });
    try {
      for (const [method, path] of [["POST", "/dev/token"], ["GET", "/dev/jwks.json"],
        ["POST", "/dev/broadcast"]]) {
        const body = method === "POST" ? {} : undefined;
        await server.api(method, path, { body, expect: "404 not_found" });
      }
      await server.api("GET", "/api/v1/battles", { expect: 200 });
      const { document } = await server.http.contract();
      assert.ok(Object.keys(document.paths).every((path) => !path.startsWith("/dev")));
      assert.ok(!server.log().includes("BEGIN PUBLIC KEY"));
    } finally {
      await server.stop();
    }
  });
});

describe("two servers on one database", { timeout: 600_000 }, () => {
  test("both serve, and each step is taken once", async () => {
    const first = await startServer();
    let second = null;
    try {
      // One key for both, as one identity provider would be.
      second = await startServer({
        databaseUrl: first.databaseUrl,
        env: { WILDNOUT_DATA: first.data },
      });
      const creator = await first.user();
      const phases = { entering: PHASE_SECONDS, voting: PHASE_SECONDS };
      const made = await Promise.all(Array.from({ length: BATTLES }, async (_, number) => {
        const { body } = await [first, second][number % 2].api("POST", "/api/v1/battles",
          { token: creator.token, body: battleBody(phases), expect: 201 });
        return body;
      }));
      const author = await second.user();
      await reached(author, made[0].id, "active");
      const { body: entry } = await author.ask("POST", `/battles/${made[0].id}/entries`,
        { body: verse(), expect: 201 });
      await reached(creator, made[0].id, "voting");
      const { body: cast } = await vote(creator, made[0].id, entry.id, { expect: 201 });
      const { body: seen } = await second.api("GET", `/api/v1/battles/${made[0].id}/votes/me`,
        { token: creator.token, expect: 200 });
      assert.deepEqual(seen.items.map((one) => one.id), [cast.id]);
      for (const battle of made) await reached(creator, battle.id, "completed");
      const steps = await first.sql(
        `SELECT battle_id, array_agg(to_status ORDER BY step) AS steps,
                max(extract(epoch FROM h.at - b.voting_end_time)) FILTER
                  (WHERE to_status = 'completed') AS late
           FROM battle_history h JOIN battles b ON b.id = battle_id GROUP BY battle_id`);
      assert.equal(steps.length, BATTLES);
      for (const row of steps) {
        assert.deepEqual(row.steps, ["upcoming", "active", "voting", "completed"]);
        assert.ok(row.late < STEP_WITHIN_SECONDS, `${row.late} s late`);
      }
      const events = await first.sql(
        `SELECT aggregate_id, type FROM outbox
          WHERE type LIKE 'battle.%' AND type <> 'battle.result'
          GROUP BY 1, 2 HAVING count(*) > 1`);
      assert.deepEqual(events, []);
      assert.equal(await second.terminate(), 0);
      await creator.ask("GET", "/battles", { expect: 200 });
    } finally {
      await second?.stop();
      await first.stop();
    }
  });
});

describe("a database that goes away", { timeout: 600_000 }, () => {
  const isReady = async (server) =>
    (await server.api("GET", "/health/ready")).status === 200;

  test("is waited for at the start", async () => {
    const databaseUrl = await createDatabase();
    const open = await refuseConnections(databaseUrl);
    const server = await startServer({ databaseUrl, isAwaited: false });
    try {
      await pause(1500);
      assert.equal(server.child.exitCode, null, `it gave up: ${server.log()}`);
      await open();
      await server.ready();
      await server.user();
    } finally {
      await open();
      await server.stop();
      await dropDatabase(databaseUrl);
    }
  });

  test("makes the server unready with clear refusals, and it recovers by itself", async () => {
    const server = await startServer();
    let open = null;
    try {
      const user = await server.user();
      assert.ok(await isReady(server));
      open = await refuseConnections(server.databaseUrl);
      await until(async () => !(await isReady(server)), "the server is unready");
      const ready = await server.api("GET", "/health/ready", { expect: 503 });
      assert.equal(ready.body.status, "down");
      assert.equal(ready.body.checks.database.status, "down");
      await server.api("GET", "/health", { expect: 200 });
      await user.ask("POST", "/battles", { body: battleBody(), expect: "503 unavailable" });
      await open();
      await until(() => isReady(server), "the server is ready again");
      // Connections of the other threads may take two seconds more.
      const { body } = await until(async () => {
        const answer = await user.ask("POST", "/battles", { body: battleBody() });
        return answer.status === 201 && answer;
      }, "a battle is made");
      await reached(user, body.id, "active");
    } finally {
      await open?.();
      await server.stop();
    }
  });

  test("a start on a migrated database is soon ready", async () => {
    const server = await startServer();
    try {
      await server.terminate();
      const began = performance.now();
      await server.restart();
      assert.ok(performance.now() - began < START_WITHIN_MS);
    } finally {
      await server.stop();
    }
  });
});
