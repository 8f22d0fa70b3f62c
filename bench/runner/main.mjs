// The benchmark from start to end: options, private services, data, cases in turn, the report.
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { fanoutCases, FanoutRunner } from './fanout_cases.mjs';
import { checkAnswers, httpCases, HttpRunner } from './http_cases.mjs';
import { atEnd, memoryMib, sleep } from './processes.mjs';
import { describeMachine, renderReport } from './report.mjs';
import { Postgres, startRedis } from './services.mjs';
import { Floor, NodeBaseline, Product } from './targets.mjs';
import { prepareTokens } from './tokens.mjs';

const bench = new URL('..', import.meta.url).pathname;
const voters = 20_000;
const hotBattles = 120; // 2-entry battles; each takes voters * 2 votes
const fewConnections = 64;
const manyConnections = 256; // measured once, beside the rest
const idleSettleMs = 3_000;
const caseNames = ['idle', ...httpCases.map((c) => c.name), ...fanoutCases.map((c) => c.name)];

const usage = `bench/run [--quick] [--only CASE]… [--runs N] [--targets NAMES] [--profile NAME]
  --quick     one short run of each case, to see that everything works
  --only      one of ${caseNames.join(' ')} (repeatable)
  --runs      measured runs of each case and server (3)
  --targets   node,product or one of them (then bench/RESULTS.md is not written)
  --profile   the baseline's profile: seed (default) or tuned
  --no-build  measure the binary that is there`;

function parseOptions(words) {
  const options = { quick: false, only: [], runs: 0, targets: ['node', 'product'] };
  options.profile = 'seed';
  const queue = [...words];
  const value = () => queue.shift() ?? refuse('a value is missing');
  while (queue.length > 0) {
    const word = queue.shift();
    if (word === '--quick') options.quick = true;
    else if (word === '--only') options.only.push(value());
    else if (word === '--runs') options.runs = Number(value());
    else if (word === '--targets') options.targets = value().split(',');
    else if (word === '--profile') options.profile = value();
    else if (word === '--help' || word === '-h') stopWith(usage, 0);
    else refuse(`unknown option ${word}`);
  }
  for (const name of options.only) if (!caseNames.includes(name)) refuse(`no case ${name}`);
  if (!(Number.isInteger(options.runs) && options.runs >= 0)) refuse('--runs wants a number');
  if (options.runs === 0) options.runs = options.quick ? 1 : 3;
  options.whole = options.only.length === 0 && !options.quick && options.targets.length === 2;
  return options;
}

function stopWith(text, status) {
  (status === 0 ? console.log : console.error)(text);
  process.exit(status);
}
const refuse = (why) => stopWith(`${why}\n\n${usage}`, 2);

function temporaryFolder() {
  const folder = mkdtempSync(`${tmpdir()}/wildnout-bench-`);
  chmodSync(folder, 0o711); // PostgreSQL may run as another user
  atEnd(() => {
    if (!process.env.BENCH_KEEP) rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

async function prepare(options) {
  const folder = temporaryFolder();
  const tokens = prepareTokens(`${bench}.cache`, voters);
  console.log('starting PostgreSQL and Redis, filling both databases');
  const postgres = await Postgres.start(`${folder}/pg`);
  const redis = await startRedis(`${folder}/redis`);
  const shared = { folder, postgres, tokens };
  const targets = [];
  if (options.targets.includes('node'))
    targets.push(new NodeBaseline({ ...shared, redis, profile: options.profile }));
  if (options.targets.includes('product')) targets.push(new Product(shared));
  for (const target of targets) await target.seed({ voters, series: hotBattles }, folder);
  const floor = new Floor({ folder, threads: cpus().length });
  return { ...shared, redis, targets, floor };
}

const wants = (options, name) => options.only.length === 0 || options.only.includes(name);

async function measureIdle(targets) {
  const idle = {};
  for (const target of targets) {
    await target.start();
    await sleep(idleSettleMs);
    idle[target.name] = memoryMib(target.pid);
    await target.stop();
    const { rss, pss } = idle[target.name];
    console.log(`idle ${target.name}: RSS ${rss.toFixed(1)} MiB, PSS ${pss.toFixed(1)} MiB`);
  }
  return idle;
}

async function measureHttp(options, { folder, tokens, postgres, redis, targets }) {
  const items = httpCases.filter((item) => wants(options, item.name));
  if (items.length === 0) return [];
  const seconds = options.quick ? 2 : 6;
  const warmSeconds = options.quick ? 1 : 4;
  const shared = { folder, tokens, users: voters, postgres, redis, seconds, warmSeconds };
  const runner = new HttpRunner({ ...shared, patient: !options.quick });
  const lines = (name) => readFileSync(name, 'utf8').trim().split('\n');
  const token = lines(tokens.tokens)[0].split(' ')[1];
  const rows = [];
  for (const target of targets) await target.start();
  const vote = lines(`${folder}/spread.txt`).at(-1); // a pair that no run comes to
  const ids = { battle: lines(`${folder}/battles.txt`)[0], vote };
  for (const target of targets) await checkAnswers(target, [token], ids);
  for (const item of items) {
    const measure = async (connections, count) => {
      const runs = await runner.measure(item, targets, connections, count);
      rows.push({ item, connections, runs });
    };
    await measure(fewConnections, options.runs);
    if (!options.quick) await measure(manyConnections, 1);
  }
  for (const target of targets) await target.stop();
  return rows;
}

async function measureFanout(options, { tokens, targets, floor }) {
  const runner = new FanoutRunner({ tokens, runs: options.runs });
  const rows = [];
  for (const item of fanoutCases)
    if (wants(options, item.name))
      rows.push({ item, runs: await runner.measure(item, [...targets, floor]) });
  return rows;
}

const options = parseOptions(process.argv.slice(2));
const started = new Date();
const parts = await prepare(options);
const figures = { options, started, machine: describeMachine() };
figures.settings = [...parts.targets, parts.floor].map((t) => [t.label, t.settings()]);
if (wants(options, 'idle')) figures.idle = await measureIdle(parts.targets);
figures.http = await measureHttp(options, parts);
figures.fanout = await measureFanout(options, parts);
const report = renderReport(figures);
console.log(`\n${report}`);
const file = options.whole ? `${bench}RESULTS.md` : `${bench}.cache/RESULTS.md`;
writeFileSync(file, report);
console.log(`written to ${file}${options.whole ? '' : ' (a part; bench/RESULTS.md is kept)'}`);
process.exit(0);
