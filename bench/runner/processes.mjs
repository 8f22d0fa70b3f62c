// Child processes that never outlive the run, and the CPU time and memory of process trees.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK']));
const stopping = new Set(); // functions that stop what still runs, called at the very end

// Registers `stop` to be called when the run ends, however it ends. Returns its canceller.
export function atEnd(stop) {
  stopping.add(stop);
  return () => stopping.delete(stop);
}
process.on('exit', () => {
  for (const stop of [...stopping].reverse()) stop();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

// A free TCP port of 127.0.0.1.
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function stat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

// All processes: pid → parent and CPU seconds, those of children that ended included.
function processTable() {
  const table = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = stat(name);
      const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
      table.set(Number(name), { parent: Number(fields[1]), cpu: ticks / ticksPerSecond });
    } catch {
      // ended while we looked
    }
  }
  return table;
}

// The process and its descendants.
export function processTree(root, table = processTable()) {
  const pids = [root];
  for (let i = 0; i < pids.length; i++)
    for (const [pid, { parent }] of table) if (parent === pids[i]) pids.push(pid);
  return pids.filter((pid) => table.has(pid));
}

function machineSeconds() {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0];
  const f = line.split(/\s+/).slice(1).map((ticks) => Number(ticks) / ticksPerSecond);
  return { busy: f[0] + f[1] + f[2] + f[5] + f[6], steal: f[7] };
}

// Starts measuring; the returned function gives the seconds of CPU since, by group of `roots`
// ({name: pid}), `wall`, and `other`: what the rest of the machine and its host took, in cores.
// `extra`: CPU seconds of processes that started and ended in between.
export function cpuMeter(roots) {
  const take = () => {
    const table = processTable();
    const groups = {};
    for (const [name, root] of Object.entries(roots))
      groups[name] = processTree(root, table).reduce((sum, pid) => sum + table.get(pid).cpu, 0);
    return { at: performance.now(), groups, machine: machineSeconds() };
  };
  const before = take();
  return (extra = 0) => {
    const after = take();
    const wall = (after.at - before.at) / 1000;
    const cpu = {};
    let known = extra;
    for (const name of Object.keys(roots)) {
      cpu[name] = after.groups[name] - before.groups[name];
      known += cpu[name];
    }
    const busy = after.machine.busy - before.machine.busy;
    const steal = after.machine.steal - before.machine.steal;
    return { ...cpu, wall, other: Math.max(0, busy - known + steal) / wall };
  };
}

// Resident and proportional (shared pages split) memory of a tree, in MiB.
export function memoryMib(root) {
  let rss = 0;
  let pss = 0;
  for (const pid of processTree(root)) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    rss += Number(/^Rss:\s+(\d+)/m.exec(text)[1]) / 1024;
    pss += Number(/^Pss:\s+(\d+)/m.exec(text)[1]) / 1024;
  }
  return { rss, pss };
}

// Runs a command to its end; throws with its output when it fails. Returns what it printed.
export function command(program, words, options = {}) {
  const result = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (result.error) throw result.error;
  if (result.status === 0) return result.stdout;
  throw new Error(`${program} ${words.join(' ')} failed: ${result.stderr}${result.stdout}`);
}

// Runs a load program; resolves with its standard output and the CPU seconds that it used.
export function runLoad(program, words) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
    const forget = atEnd(() => child.kill('SIGKILL'));
    let output = '';
    let cpu = 0;
    const timer = setInterval(() => {
      try {
        const fields = stat(child.pid);
        cpu = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
      } catch {
        // ended
      }
    }, 50);
    child.stdout.on('data', (data) => (output += data));
    child.once('error', reject);
    child.once('close', (status) => {
      clearInterval(timer);
      forget();
      resolve({ output, cpu, status });
    });
  });
}

// Starts a server that must still run when the promise resolves: `ready` is asked until it is true.
export async function startServer({ name, program, words, env, cwd, log, ready, limitMs }) {
  const child = spawn(program, words, { env, cwd, stdio: ['ignore', log, log] });
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  const killTree = () => {
    if (!ended) for (const pid of processTree(child.pid)) process.kill(pid, 'SIGKILL');
  };
  const forget = atEnd(killTree);
  const limit = performance.now() + limitMs;
  while (!(await ready())) {
    if (ended || performance.now() > limit) throw new Error(`${name} did not start`);
    await sleep(20);
  }
  const stop = async () => {
    child.kill('SIGTERM');
    for (const until = performance.now() + 15_000; !ended && performance.now() < until;)
      await sleep(20);
    if (!ended) killTree();
    forget();
  };
  return { pid: child.pid, stop, hasEnded: () => ended };
}
