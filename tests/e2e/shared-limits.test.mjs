// Two nodes over one PostgreSQL and one Redis: limits that hold for both together, and what is left
// of them when Redis is killed, hangs, and comes back.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Clerk } from "./support/clerk.mjs";
import { Redis } from "./support/redis.mjs";
import { runBinary, startServer, until } from "./support/server.mjs";

const PUBLIC_READ = "/api/v1/battles?limit=1";
const OWN_READ = "/api/v1/auth/session";
const ANONYMOUS = 60;
const USER = 400;
const BAD_CREDENTIALS = 5;
const PRECISION = 0.01;

const LIMITS = {
  RATE_LIMITS: "on",
  RATE_LIMITS_USER: String(USER),
  TRUSTED_PROXIES: "127.0.0.0/8",
};
// Nothing is to be late on a machine that is busy, but where lateness is the test.
const PATIENT = { REDIS_DEADLINE: "10s" };

let nextHost = 1;
/** An address that no other test uses. */
const freshAddress = () => `198.51.100.${nextHost++}`;
const from = (address) => ({ headers: { "x-forwarded-for": address } });

const readiness = async (server) => {
  const answer = await fetch(`${server.baseUrl}/health/ready`);
  return { httpStatus: answer.status, ...(await answer.json()) };
};
/** Each thread has a connection of its own, and a question meets any of them: ask often. */
const redisIs = (server, status) =>
  until(async () => {
    const seen = await Promise.all(Array.from({ length: 8 }, () => readiness(server)));
    return seen.every((one) => one.checks.redis.status === status) && seen[0];
  }, `redis ${status} at ${server.baseUrl}`);
const bothAre = (nodes, status) => Promise.all(nodes.map((node) => redisIs(node, status)));

async function startPair(env) {
  const first = await startServer({ env });
  const second = await startServer({
    databaseUrl: first.databaseUrl,
    env: { ...env, WILDNOUT_DATA: first.data },
  });
  return [first, second];
}

/** Asks `count` times at once, the nodes in turn: the statuses a node, the minutes it took. */
async function flood(nodes, count, path, options) {
  const began = performance.now();
  const statuses = nodes.map(() => []);
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    const { status } = await nodes[i % nodes.length].api("GET", path, options);
    statuses[i % nodes.length].push(status);
  }));
  return { statuses, all: statuses.flat(), minutes: (performance.now() - began) / 60_000 };
}
const admitted = (statuses) => statuses.filter((status) => status === 200).length;

/** The limit, what flowed back while the machine was sending, and one in a hundred. */
function checkExact(count, limit, minutes) {
  const most = Math.ceil((limit + limit * minutes) * (1 + PRECISION));
  assert.ok(count >= limit && count <= most, `${count} admitted, not ${limit} to ${most}`);
}
function checkOnlyLimited(statuses) {
  const others = statuses.filter((status) => status !== 200 && status !== 429);
  assert.deepEqual(others, [], "neither 200 nor 429");
}

describe("two nodes that share a Redis", { timeout: 240_000 }, () => {
  let redis;
  let nodes;

  before(async () => {
    redis = await Redis.start();
    nodes = await startPair({ ...LIMITS, ...PATIENT, REDIS_URL: redis.url });
    await bothAre(nodes, "ok");
  });
  after(async () => {
    for (const node of nodes?.toReversed() ?? []) await node.stop();
    await redis?.stop();
  });

  test("say that Redis is well, and how long it takes", async () => {
    const { httpStatus, checks } = await readiness(nodes[0]);
    assert.equal(httpStatus, 200);
    assert.equal(checks.redis.status, "ok");
    assert.ok(checks.redis.latencyMs > 0);
  });

  test("have a doctor who finds Redis, and says what is wrong when it is not there", async () => {
    const examine = (url) => runBinary(["doctor"], {
      WILDNOUT_ENV: "development",
      WILDNOUT_DATA: nodes[0].data,
      DATABASE_URL: nodes[0].databaseUrl,
      REDIS_URL: url,
    });
    assert.match((await examine(redis.url)).stdout, /^ok {5}redis: 7\./m);
    const { code, stdout } = await examine(`${redis.url}.gone`);
    assert.equal(code, 1);
    assert.match(stdout, /^FAULT {2}redis: .*\n *to mend it: /m);
  });

  test("give a user one allowance between them", async () => {
    const { token } = await nodes[0].token();
    const { all, minutes } = await flood(nodes, 2 * USER, OWN_READ, { token });
    checkOnlyLimited(all);
    checkExact(admitted(all), USER, minutes);
  });

  test("give an address one allowance between them", async () => {
    const { all, minutes } = await flood(nodes, 3 * ANONYMOUS, PUBLIC_READ, from(freshAddress()));
    checkOnlyLimited(all);
    checkExact(admitted(all), ANONYMOUS, minutes);
  });

  test("lock an address out for bad tokens that each of them has seen", async () => {
    const address = freshAddress();
    const bad = { token: "forged", ...from(address) };
    for (let i = 0; i < BAD_CREDENTIALS; i += 1) {
      await nodes[i % 2].api("GET", OWN_READ, { ...bad, expect: "401 unauthorized" });
    }
    for (const node of nodes) {
      await node.api("GET", OWN_READ, { ...bad, expect: "429 rate_limit_exceeded" });
      const { token } = await node.token();
      await node.api("GET", OWN_READ, { ...from(address), token, expect: 200 });
      await node.api("GET", OWN_READ, {
        ...from(freshAddress()), token: "forged", expect: "401 unauthorized",
      });
    }
  });

  test("with Redis killed in mid-run answer every request, each by its own count", async () => {
    const { token } = await nodes[0].token();
    const address = freshAddress();
    const users = flood(nodes, 4 * USER, OWN_READ, { token });
    const strangers = flood(nodes, 6 * ANONYMOUS, PUBLIC_READ, from(address));
    await redis.kill();
    for (const [run, limit] of [[await users, USER], [await strangers, ANONYMOUS]]) {
      checkOnlyLimited(run.all);
      assert.ok(admitted(run.all) >= limit);
      for (const statuses of run.statuses) {
        const most = Math.ceil((limit + limit * run.minutes) * (1 + PRECISION));
        assert.ok(admitted(statuses) <= most, `${admitted(statuses)} on one node`);
      }
    }
    for (const seen of await bothAre(nodes, "degraded")) {
      assert.equal(seen.httpStatus, 200);
      assert.equal(seen.status, "degraded");
      assert.equal(seen.checks.redis.latencyMs, undefined);
    }
  });

  test("without Redis give each their whole allowance", async () => {
    const run = await flood(nodes, 4 * ANONYMOUS, PUBLIC_READ, from(freshAddress()));
    checkOnlyLimited(run.all);
    for (const statuses of run.statuses) checkExact(admitted(statuses), ANONYMOUS, run.minutes);
  });

  test("share again when Redis is back, empty as it is", async () => {
    await redis.start();
    await bothAre(nodes, "ok");
    const { all, minutes } = await flood(nodes, 3 * ANONYMOUS, PUBLIC_READ, from(freshAddress()));
    checkOnlyLimited(all);
    checkExact(admitted(all), ANONYMOUS, minutes);
  });
});

describe("nodes whose Redis hangs", { timeout: 120_000 }, () => {
  let redis;
  let nodes;

  before(async () => {
    redis = await Redis.start();
    nodes = await startPair({ ...LIMITS, REDIS_URL: redis.url });
    await bothAre(nodes, "ok");
  });
  after(async () => {
    for (const node of nodes?.toReversed() ?? []) await node.stop();
    await redis?.stop();
  });

  test("do not wait for it, and ask it again when it goes on", async () => {
    redis.hang();
    const run = await flood(nodes, 4 * ANONYMOUS, PUBLIC_READ, from(freshAddress()));
    checkOnlyLimited(run.all);
    assert.ok(admitted(run.all) >= ANONYMOUS);
    await bothAre(nodes, "degraded");
    redis.goOn();
    await bothAre(nodes, "ok");
    const metrics = await fetch(`${nodes[0].baseUrl}/metrics`).then((answer) => answer.text());
    assert.match(metrics, /wildnout_redis_commands_total\{outcome="late"\} [1-9]/);
  });
});

describe("bad tokens on WebSockets", { timeout: 120_000 }, () => {
  let clerk;
  let server;

  before(async () => {
    clerk = await Clerk.start();
    server = await startServer({ env: { ...clerk.env(), ...LIMITS } });
  });
  after(async () => {
    await server?.stop();
    await clerk?.stop();
  });

  const knock = async (token, address) => {
    const socket = await server.socket({ token }, { isAwaited: false, ...from(address) });
    return socket.closed;
  };
  const isLocked = async (address) => {
    const answer = await server.api("GET", OWN_READ, { token: "forged", ...from(address) });
    return answer.status === 429;
  };

  test("count against their address, and lock no good token out", async () => {
    const address = freshAddress();
    for (let i = 0; i < BAD_CREDENTIALS; i += 1) {
      assert.deepEqual(await knock("a.b.c", address), {
        code: 1008, reason: "Invalid authentication",
      });
    }
    assert.ok(await isLocked(address));
    assert.ok(!(await isLocked(freshAddress())));
    const good = await clerk.token("user_good");
    const socket = await server.socket({ token: good }, from(address));
    assert.equal(socket.welcome.status, "connected");
  });

  test("an expired one, as a client that reconnects may bring, does not count", async () => {
    const address = freshAddress();
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now - 120, nbf: now - 120, exp: now - 60 };
    const expired = await clerk.token("user_late", times);
    for (let i = 0; i < 2 * BAD_CREDENTIALS; i += 1) {
      assert.equal((await knock(expired, address)).code, 1008);
    }
    assert.ok(!(await isLocked(address)));
  });
});
