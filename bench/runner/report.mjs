// Turns the figures of one run into the Markdown of RESULTS.md. Shows medians; nothing is made up:
// a cell whose figure was not measured stays empty.
import { cpus, release, totalmem } from 'node:os';
import { command } from './processes.mjs';
import { postgresSettings } from './services.mjs';

const root = new URL('../..', import.meta.url).pathname;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const over = (runs, pick) => (runs?.length ? median(runs.map(pick)) : undefined);
const whole = (x) => (x === undefined ? '' : Math.round(x).toLocaleString('en-US'));
const fixed = (x, digits) => (x === undefined ? '' : x.toFixed(digits));
const ratio = (a, b) => (a === undefined || b === undefined ? '' : `${(a / b).toFixed(1)}×`);
const row = (cells) => `| ${cells.join(' | ')} |\n`;
const table = (heads, rows) => row(heads) + row(heads.map(() => '---')) + rows.map(row).join('');

function firstLine(program, words) {
  try {
    return command(program, words).trim().split('\n')[0];
  } catch {
    return '';
  }
}

// What the figures hang on beside the servers themselves.
export function describeMachine() {
  const git = (words) => firstLine('git', ['-C', root, ...words]);
  const changed = git(['status', '--porcelain', '--untracked-files=no', '--', 'src']) !== '';
  return [
    ['CPU', `${cpus()[0].model.trim()}, ${cpus().length} cores`],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['kernel', `Linux ${release()}`],
    ['commit', git(['rev-parse', 'HEAD']) + (changed ? ' with uncommitted changes in src/' : '')],
    ['compiler', firstLine('clang++-16', ['--version'])],
    ['PostgreSQL', firstLine('psql', ['--version'])],
    ['Redis', firstLine('redis-server', ['--version'])],
    ['Node', process.version],
  ];
}

const httpHeads = ['case', 'conns', 'Node req/s', 'wildnout req/s', 'ratio', 'Node p50 / p99 ms',
  'wildnout p50 / p99 ms', 'Node CPU µs', 'wildnout CPU µs', 'ratio'];

function httpTable(rows) {
  return table(httpHeads, rows.map(({ item, connections, runs }) => {
    const { node, product } = runs;
    const rate = (r) => over(r, (run) => run.perSecond);
    const cost = (r) => over(r, (run) => run.serverUs);
    const late = (r) => r && `${fixed(over(r, (run) => run.p50Ms), 2)} / `
      + fixed(over(r, (run) => run.p99Ms), 2);
    return [item.title, connections, whole(rate(node)), whole(rate(product)),
      ratio(rate(product), rate(node)), late(node) ?? '', late(product) ?? '',
      fixed(cost(node), 1), fixed(cost(product), 1), ratio(cost(node), cost(product))];
  }));
}

const detailHeads = ['case', 'conns', 'server', 'runs', 'req/s min / median / max',
  'p99 ms min / max', 'CPU µs a request: server', 'PostgreSQL', 'Redis', 'client', 'bytes',
  'others, cores'];

function httpDetails(rows) {
  const lines = [];
  for (const { item, connections, runs } of rows) {
    for (const [name, all] of Object.entries(runs)) {
      const rates = all.map((run) => run.perSecond);
      const tails = all.map((run) => run.p99Ms);
      const of = (field, digits = 1) => fixed(over(all, (run) => run[field]), digits);
      lines.push([item.name, connections, name, all.length,
        [Math.min(...rates), median(rates), Math.max(...rates)].map(whole).join(' / '),
        `${fixed(Math.min(...tails), 1)} / ${fixed(Math.max(...tails), 1)}`,
        of('serverUs'), of('postgresUs'), name === 'node' ? of('redisUs') : '', of('clientUs'),
        whole(over(all, (run) => run.bytes / run.requests)),
        `${of('other', 2)}${over(all, (run) => run.other) > 0.15 ? ' (disturbed)' : ''}`]);
    }
  }
  return table(detailHeads, lines);
}

const fanoutHeads = ['sockets', 'mode', 'server', 'delivered/s', 'p50 / p99 ms',
  'CPU µs a message', 'delivered per CPU second', '× bare send()', 'KiB a socket',
  'payload bytes', 'client CPU µs'];

function fanoutTable(rows) {
  const lines = [];
  for (const { item, runs } of rows) {
    for (const mode of ['burst', 'paced']) {
      const phases = (name) => runs[name]?.map((run) => run.phases.find((p) => p.name === mode));
      const floorUs = over(phases('floor'), (phase) => phase.serverUs);
      for (const [name, all] of Object.entries(runs)) {
        const of = (field) => over(phases(name), (phase) => phase[field]);
        lines.push([item.sockets, mode, name, whole(of('perSecond')),
          `${fixed(of('p50Ms'), 1)} / ${fixed(of('p99Ms'), 1)}`, fixed(of('serverUs'), 2),
          whole(1e6 / of('serverUs')), floorUs ? (of('serverUs') / floorUs).toFixed(2) : '',
          mode === 'burst' ? fixed(over(all, (run) => run.kibPerSocket), 1) : '',
          whole(of('payloadBytes')), fixed(of('clientUs'), 2)]);
      }
    }
  }
  return table(fanoutHeads, lines);
}

// The promises that can be checked with what was measured: [text, measured, holds].
function promises({ http, fanout, idle }) {
  const found = [];
  const add = (text, value, holds) => found.push([text, value, holds ? 'yes' : '**no**']);
  const at64 = (name) => http.find((r) => r.item.name === name && r.connections === 64)?.runs;
  const both = (runs) => runs?.node && runs?.product;
  for (const name of ['battle', 'battle_signed_in']) {
    const runs = at64(name);
    if (!both(runs)) continue;
    const times = over(runs.product, (r) => r.perSecond) / over(runs.node, (r) => r.perSecond);
    const cost = over(runs.product, (r) => r.serverUs);
    // Without a token is no request of the baseline's default profile: only the cost is promised.
    if (name === 'battle_signed_in')
      add(`${name}: at least 10 times the baseline's req/s`, `${times.toFixed(1)}×`, times >= 10);
    add(`${name}: at most 12 µs of server CPU`, `${cost.toFixed(1)} µs`, cost <= 12);
  }
  const hot = at64('votes_hot');
  if (both(hot)) {
    const times = over(hot.product, (r) => r.perSecond) / over(hot.node, (r) => r.perSecond);
    const tails = [hot.product, hot.node].map((runs) => over(runs, (r) => r.p99Ms));
    add("votes_hot: at least 20 times the baseline's votes/s", `${times.toFixed(1)}×`,
      times >= 20);
    add('votes_hot: a lower p99', `${tails[0].toFixed(1)} against ${tails[1].toFixed(1)} ms`,
      tails[0] < tails[1]);
  }
  for (const { item, runs } of fanout) addFanoutPromises(add, item, runs);
  if (idle?.product)
    add('server memory under 60 MB idle', `${(idle.product.rss * 1.048576).toFixed(1)} MB`,
      idle.product.rss * 1.048576 < 60);
  return found;
}

function addFanoutPromises(add, item, runs) {
  for (const mode of ['burst', 'paced']) {
    const phases = (name) => runs[name]?.map((run) => run.phases.find((p) => p.name === mode));
    const cost = (name) => over(phases(name), (phase) => phase.serverUs);
    const [product, node, floor] = ['product', 'node', 'floor'].map(cost);
    if (product && node)
      add(`${item.name} ${mode}: more delivered per CPU second than the baseline`,
        ratio(node, product), product < node);
    if (product && floor)
      add(`${item.name} ${mode}: within 1.3 times the CPU of bare send()`,
        `${(product / floor).toFixed(2)}×`, product / floor <= 1.3);
  }
}

function idleTable(idle) {
  const lines = Object.entries(idle).map(([name, { rss, pss }]) =>
    [name, fixed(rss, 1), fixed(pss, 1)]);
  return table(['server', 'RSS MiB', 'PSS MiB (shared pages split)'], lines);
}

export function renderReport(figures) {
  const { options, started, machine, settings, idle, http, fanout } = figures;
  const postgres = Object.entries(postgresSettings).map(([k, v]) => `${k} = ${v}`).join(', ');
  const parts = ['# Results\n', `Written by \`bench/run\` on ${started.toISOString()}; what each `
    + 'figure means is in [README.md](README.md). Medians of '
    + `${options.runs} runs for each case and server, the servers in turn.\n`];
  const facts = [...machine, ['PostgreSQL settings', `${postgres}; the same cluster for both`]];
  parts.push(table(['', ''], [...facts, ...settings]));
  const checks = promises(figures);
  if (checks.length) parts.push('## Promises\n', table(['promise', 'measured', 'holds'], checks));
  if (http.length) {
    parts.push('## HTTP\n', 'CPU is the server\'s own, for each request; PostgreSQL\'s share is in '
      + 'the second table.\n', httpTable(http), httpDetails(http));
  }
  if (fanout.length) {
    parts.push('## WebSocket fan-out\n', 'floor = a loop of plain `send()` of the same bytes to as '
      + 'many sockets, in the same run.\n', fanoutTable(fanout));
  }
  if (idle) parts.push('## Idle memory\n', idleTable(idle));
  return parts.join('\n');
}
