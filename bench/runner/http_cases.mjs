// The HTTP cases: what is asked, how one run is measured, and the proof that votes were stored.
import { cpuMeter, runLoad, sleep } from './processes.mjs';

const script = new URL('../load/http.lua', import.meta.url).pathname;
const readUsers = 5_000;
const shareOfOthers = 0.15; // cores that others may take in a run that counts as quiet
const extraTries = 2;

export const httpCases = [
  { name: 'health', title: 'GET /health', users: 0 },
  { name: 'battle', title: 'GET battle, hot, no token', users: 0, ids: 'battles.txt' },
  {
    name: 'battle_signed_in',
    title: 'GET battle, hot, with token',
    users: readUsers,
    ids: 'battles.txt',
  },
  { name: 'list', title: 'GET battles?status=active&limit=20', users: readUsers },
  { name: 'votes_hot', title: 'POST vote, hot battle of 2', users: 'all', ids: 'hot.txt' },
  { name: 'votes_spread', title: 'POST vote, over 4,000 entries', users: 'all', ids: 'spread.txt' },
];

export class HttpRunner {
  constructor({ folder, tokens, users, postgres, redis, seconds, warmSeconds, patient }) {
    Object.assign(this, { folder, tokens, users, postgres, redis, seconds, warmSeconds });
    this.patient = patient; // repeats a run that others disturbed
    this.nextVote = new Map(); // "target case" → first vote not yet used
  }

  // Measures the case on every target in turn, `count` times. Returns {target name: [run…]}.
  async measure(item, targets, connections, count) {
    const results = Object.fromEntries(targets.map((target) => [target.name, []]));
    for (const target of targets) await this.warm(item, target, connections);
    for (let run = 0; run < count; run++)
      for (const target of targets)
        results[target.name].push(await this.quietRun(item, target, connections));
    return results;
  }

  async warm(item, target, connections) {
    if (item.name.startsWith('votes')) {
      // every voter's token is seen once before it votes
      const known = { name: 'battle_signed_in', users: 'all', ids: 'battles.txt' };
      await this.load(known, target, 64, this.warmSeconds);
    }
    await this.load(item, target, connections, this.warmSeconds);
  }

  async quietRun(item, target, connections) {
    let best;
    for (let tries = 0; tries <= (this.patient ? extraTries : 0); tries++) {
      const run = await this.oneRun(item, target, connections);
      console.log(describe(item, target, connections, run));
      if (!best || run.other < best.other) best = run;
      if (best.other <= shareOfOthers) break;
    }
    return best;
  }

  async oneRun(item, target, connections) {
    const votes = item.name.startsWith('votes');
    if (votes) this.calm(target);
    await sleep(300);
    const before = votes ? this.countVotes(target) : 0;
    const roots = { server: target.pid, postgres: this.postgres.pid };
    if (target.redis) roots.redis = target.redis.pid;
    const meter = cpuMeter(roots);
    const { result, cpu } = await this.load(item, target, connections, this.seconds);
    const spent = meter(cpu);
    if (votes) this.proveStored(result, this.countVotes(target) - before, connections);
    const each = (seconds = 0) => (seconds * 1e6) / result.requests;
    return {
      ...result,
      serverUs: each(spent.server),
      postgresUs: each(spent.postgres),
      redisUs: each(spent.redis),
      clientUs: each(cpu),
      other: spent.other,
    };
  }

  // A checkpoint and fresh statistics before each vote run, so that none falls into it.
  calm(target) {
    this.postgres.psql(target.database, {
      statements: [`VACUUM ANALYZE ${target.votesTable}`, 'CHECKPOINT'],
    });
  }

  countVotes(target) {
    const statement = `SELECT count(*) FROM ${target.votesTable}`;
    return Number(this.postgres.psql(target.database, { statements: [statement] }));
  }

  // Each answered vote must be a row; votes whose answer wrk did not wait for may be, too.
  proveStored(result, rows, connections) {
    if (rows < result.requests || rows > result.requests + connections)
      throw new Error(`${result.requests} votes were answered with 201 but ${rows} are stored`);
  }

  async load(item, target, connections, seconds) {
    const users = item.users === 'all' ? this.users : item.users;
    const key = `${target.name} ${item.name}`;
    const base = this.nextVote.get(key) ?? 0;
    const words = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script];
    words.push(target.base, '--', item.name, target.prefix, this.tokens.tokens, users);
    words.push(item.ids ? `${this.folder}/${item.ids}` : '/dev/null', base);
    const { output, cpu } = await runLoad('wrk', words);
    const found = /RESULT (.*)/.exec(output);
    if (!found) throw new Error(`wrk measured nothing for ${key}: ${output}`);
    const result = JSON.parse(found[1]);
    // requests that were under way at the end have used their pairs as well
    this.nextVote.set(key, base + result.requests + 2 * connections);
    const failed = result.badStatus + result.socketErrors + result.timeouts;
    if (failed > 0 || result.requests === 0)
      throw new Error(`${key}: ${found[1]}; ${target.lastWords()}`);
    return { result, cpu };
  }
}

function describe(item, target, connections, run) {
  const parts = [
    `${item.name} c${connections} ${target.name}`.padEnd(34),
    `${Math.round(run.perSecond)}/s`.padStart(10),
    `p50 ${run.p50Ms.toFixed(2)} ms  p99 ${run.p99Ms.toFixed(2)} ms`,
    `server ${run.serverUs.toFixed(1)} us  postgres ${run.postgresUs.toFixed(1)} us`,
    `others ${run.other.toFixed(2)} cores`,
  ];
  return parts.join('  ');
}

// One request of each kind, its status checked, before anything is measured. votes: two pairs that
// no run uses.
export async function checkAnswers(target, tokens, ids) {
  const auth = { authorization: `Bearer ${tokens[0]}` };
  const json = { ...auth, 'content-type': 'application/json' };
  const [battle, entry] = ids.vote.split(' ');
  const body = JSON.stringify({ entryId: entry });
  const expected = [
    ['/health', {}, 200],
    [`${target.prefix}/battles/${ids.battle}`, {}, 200],
    [`${target.prefix}/battles/${ids.battle}`, { headers: auth }, 200],
    [`${target.prefix}/battles?status=active&limit=20`, { headers: auth }, 200],
    [`${target.prefix}/battles/${battle}/votes`, { method: 'POST', headers: json, body }, 201],
  ];
  for (const [path, options, status] of expected) {
    const answer = await fetch(target.base + path, options);
    const text = await answer.text();
    if (answer.status === status) continue;
    throw new Error(`${target.name} answered ${answer.status} for ${path}: ${text.slice(0, 500)}`);
  }
}
