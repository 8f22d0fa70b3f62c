// A hidden tally: two runs that differ only in who got the votes answer the same until the end.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { battleBody, verse, vote } from "./support/battles.mjs";
import { Likeness, unordered } from "./support/likeness.mjs";
import { startServer, until } from "./support/server.mjs";

const VOTERS = 6;
const ENTRIES = 3;
const LIST_KEPT_MS = 500;
const LONG = 3600; // seconds; an administrator takes the steps
const NOBODY = "00000000-0000-7000-8000-000000000000";
// Not about battles: the process itself, other hosts' formats, one's own sessions.
const ELSEWHERE = /^\/(metrics|health|docs|dev|api\/openapi)|\/(auth|admin)\//;
const LISTS = [
  "/battles?sort=newest", "/battles?sort=mostVotes", "/battles?sort=trending",
  "/battles?sort=endingSoon", "/battles?sort=mostVotes&limit=1", "/battles?sort=trending&limit=1",
  "/battles?q=Battle&sort=mostVotes", "/battles?status=voting&sort=mostVotes",
];
const RUNS = [
  // [battle, entry] of each voter in turn; in all, each hidden battle has votes somewhere.
  [[0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [1, 0]],
  [[1, 2], [0, 1], [1, 2], [1, 2], [1, 1], [0, 2]],
];

/** One server with two battles whose tallies are hidden, an open one, and all who look at them. */
class Run {
  constructor(server) {
    this.server = server;
    this.likeness = new Likeness();
  }

  async person(name, wish = {}) {
    const user = await this.server.user({ username: name, ...wish });
    this.likeness.name(user.userId, name);
    return user;
  }

  async open(name, rules) {
    const { body: battle } = await this.creator.ask("POST", "/battles", {
      body: battleBody({ entering: LONG, voting: LONG, rules, title: `Battle ${name}` }),
      expect: 201,
    });
    this.likeness.name(battle.id, name);
    const entryIds = [];
    for (const [at, author] of this.authors.entries()) {
      const { body } = await author.ask("POST", `/battles/${battle.id}/entries`, {
        body: verse(`Verse ${at} of ${name}`),
        expect: 201,
      });
      entryIds.push(this.likeness.name(body.id, `${name}-entry-${at}`));
    }
    await this.step(battle.id, "voting");
    return { id: battle.id, entryIds };
  }

  step(battleId, to) {
    return this.admin.ask("POST", `/battles/${battleId}/transition`, {
      body: { to, reason: "the test goes on" },
      expect: 200,
    });
  }

  async prepare() {
    this.creator = await this.person("creator");
    this.admin = await this.person("admin", { roles: ["admin"] });
    this.bystander = await this.person("bystander");
    this.authors = [];
    for (let at = 0; at < ENTRIES; at += 1) this.authors.push(await this.person(`author${at}`));
    this.voters = [];
    for (let at = 0; at < VOTERS; at += 1) this.voters.push(await this.person(`voter${at}`));
    // What has happened so far is told before anyone listens, however busy the machine is.
    const early = await this.server.socket({ token: this.bystander.token });
    await early.subscribe("battles");
    const hidden = { hideTallyUntilEnd: true };
    this.shown = await this.open("shown", {}); // the oldest: only its vote can put it on top
    this.hidden = [await this.open("first", hidden), await this.open("second", hidden)];
    for (const { id } of [...this.hidden, this.shown]) {
      await early.wait((one) => one.type === "battle.votingStarted" && one.data.battleId === id);
    }
    early.end();
    this.paths = await this.pathsOf();
    this.sockets = [];
    for (const user of [this.bystander, this.creator, this.authors[0]]) {
      const socket = await this.server.socket({ token: user.token });
      for (const channel of this.channels()) await socket.subscribe(channel);
      this.sockets.push(socket);
    }
  }

  channels() {
    return ["battles", ...this.hidden.map(({ id }) => `battle:${id}`)];
  }

  /** Every GET of the served document, about the hidden battles, their entries and people. */
  async pathsOf() {
    const { document } = await this.server.http.contract();
    const entryIds = this.hidden.flatMap((battle) => battle.entryIds);
    const subjects = {
      battles: this.hidden.map(({ id }) => id),
      entries: entryIds,
      users: [this.creator, ...this.authors].map(({ userId }) => userId),
    };
    const paths = [...LISTS];
    for (const [pattern, item] of Object.entries(document.paths)) {
      if (!item.get || ELSEWHERE.test(pattern) || pattern === "/") continue;
      const path = pattern.replace(/^\/api\/v1/, "");
      const ids = subjects[path.split("/")[1]] ?? [NOBODY];
      for (const id of path.includes("{") ? ids : [""]) {
        paths.push(path.replace("{id}", id).replaceAll(/\{[^}]+\}/g, NOBODY));
      }
    }
    for (const { id } of this.hidden) {
      for (const sort of ["newest", "top", "random"]) {
        paths.push(`/battles/${id}/entries?sort=${sort}`);
      }
      paths.push(`/battles/${id}/entries?sort=top&limit=2`, `/battles/${id}/ballot?size=10`);
    }
    return [...new Set(paths)];
  }

  viewers() {
    const nobody = {
      ask: (method, path, options) => this.server.api(method, `/api/v1${path}`, options),
    };
    const { creator, bystander, admin } = this;
    return { nobody, bystander, creator, admin, author: this.authors[0] };
  }

  /** What everyone who has not voted is answered, by viewer and path. */
  async look() {
    const seen = {};
    for (const [name, viewer] of Object.entries(this.viewers())) {
      for (const path of this.paths) {
        const raw = await viewer.ask("GET", path);
        const answer = this.likeness.answer(raw);
        const isRandom = path.includes("sort=random") || path.includes("/ballot");
        if (isRandom && answer.body?.items) answer.body.items = unordered(answer.body.items);
        // Within a run a tag is the same as long as nothing has changed; between runs it differs.
        Object.defineProperty(answer, "tag", { value: raw.headers.etag });
        seen[`${name} ${this.likeness.of(path)}`] = answer;
      }
    }
    return seen;
  }

  /** The same without what the open battle's vote changes. */
  static ofTheHidden(seen) {
    return Object.fromEntries(
      Object.entries(seen).filter(([asked]) => /\/battles\/(first|second)|\/entries\//.test(asked)),
    );
  }

  /** What a listener got, and what one who comes now is told, by channel. */
  async heard() {
    const all = [];
    for (const socket of this.sockets) {
      for (const channel of this.channels()) all.push(this.likeness.of(socket.on(channel)));
    }
    const late = await this.server.socket({ token: this.bystander.token });
    for (const channel of this.channels()) {
      const { id, ...told } = await late.subscribe(channel);
      all.push(this.likeness.of(told));
    }
    late.end();
    return all;
  }

  async cast(plan) {
    for (const [at, [battle, entry]] of plan.entries()) {
      const { id, entryIds } = this.hidden[battle];
      await this.voters[at].ask("GET", `/battles/${id}/ballot`, { expect: 200 });
      await vote(this.voters[at], id, entryIds[entry], { expect: 201 });
    }
    await vote(this.voters[0], this.shown.id, this.shown.entryIds[0], { expect: 201 });
  }

  /** Lists are put in order every few seconds: waits until the open battle has come to the top. */
  async listed() {
    await until(async () => {
      const { body } = await this.bystander.ask("GET", "/battles?sort=mostVotes&limit=1");
      return body.items[0].id === this.shown.id;
    }, "the open battle is listed first");
    await pause(LIST_KEPT_MS + 500); // what else would be sent or moved has had its time
  }
}

async function play(plan) {
  const run = new Run(await startServer());
  await run.prepare();
  run.before = await run.look();
  await run.cast(plan);
  await run.listed();
  run.during = await run.look();
  run.messages = await run.heard();
  for (const { id } of run.hidden) await run.step(id, "completed");
  run.afterwards = await run.look();
  return run;
}

describe("a tally hidden until the end", { timeout: 240_000 }, () => {
  const runs = [];
  before(async () => {
    for (const plan of RUNS) runs.push(await play(plan));
  });
  after(() => Promise.all(runs.map((run) => run.server.stop())));

  test("shows in no answer who got the votes", () => {
    const [one, other] = runs;
    assert.ok(Object.keys(one.during).length > 100);
    assert.deepEqual(one.during, other.during);
  });

  test("shows in no message of a socket who got the votes, nor that there are any", () => {
    const [one, other] = runs;
    assert.deepEqual(one.messages, other.messages);
    assert.ok(!JSON.stringify(one.messages).includes("battle.tally"));
  });

  test("shows in no answer about the battle that there are votes at all", () => {
    for (const run of runs) {
      const before = Run.ofTheHidden(run.before);
      const during = Run.ofTheHidden(run.during);
      assert.deepEqual(before, during);
      for (const asked of Object.keys(before)) {
        assert.equal(before[asked].tag, during[asked].tag, asked);
      }
    }
  });

  test("is shown in the end, so that this comparison would have seen it", () => {
    const [one, other] = runs;
    for (const what of ["nobody /battles/first", "author /battles/first/tally",
      "bystander /entries/second-entry-2", "nobody /battles/second/results",
      "nobody /battles?sort=mostVotes"]) {
      assert.notDeepEqual(one.afterwards[what], other.afterwards[what], what);
    }
  });
});
