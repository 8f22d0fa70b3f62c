// The WebSocket cases: sockets opened on a fresh server, then broadcasts in bursts and paced.
import { runLoad, sleep } from './processes.mjs';

const program = new URL('../.cache/bin/wsload', import.meta.url).pathname;

// Messages to each socket: a burst as fast as the server sends, and one each interval, which comes
// to 10,000 deliveries a second for either number of sockets.
export const fanoutCases = [
  { name: 'fanout_1000', sockets: 1_000, burst: 200, paced: 50, intervalMs: 100 },
  { name: 'fanout_5000', sockets: 5_000, burst: 60, paced: 10, intervalMs: 500 },
];

export class FanoutRunner {
  constructor({ tokens, runs }) {
    Object.assign(this, { tokens, runs });
  }

  // The product goes before the floor, which then sends messages of the product's size.
  async measure(item, targets) {
    const results = Object.fromEntries(targets.map((target) => [target.name, []]));
    for (let run = 0; run < this.runs; run++) {
      for (const target of targets) {
        const result = await this.oneRun(item, target);
        results[target.name].push(result);
        const payload = result.phases.find((phase) => phase.name === 'paced').payloadBytes;
        for (const floor of targets) if ('payloadBytes' in floor) floor.payloadBytes = payload;
      }
    }
    return results;
  }

  async oneRun(item, target) {
    await target.start();
    try {
      await sleep(500);
      const words = ['-n', item.sockets, '--port', target.port, '--path', target.socketPath];
      words.push('--tokens', this.tokens.tokens, '--post', target.broadcastPath);
      words.push('--server-pid', target.pid, '--phase', `warm:${item.burst}:0`);
      words.push('--phase', `burst:${item.burst}:0`);
      words.push('--phase', `paced:${item.paced}:${item.intervalMs}`);
      if (target.redis) words.push('--beside-pid', target.redis.pid);
      const { output, status } = await runLoad(program, words);
      if (status !== 0)
        throw new Error(`${item.name}: not all arrived: ${output}; ${target.lastWords()}`);
      const result = JSON.parse(output);
      for (const phase of result.phases) console.log(describe(item, target, result, phase));
      return result;
    } finally {
      await target.stop();
    }
  }
}

function describe(item, target, result, phase) {
  const parts = [
    `${item.name} ${phase.name} ${target.name}`.padEnd(34),
    `${Math.round(phase.perSecond)}/s`.padStart(10),
    `p50 ${phase.p50Ms.toFixed(1)} ms  p99 ${phase.p99Ms.toFixed(1)} ms`,
    `server ${phase.serverUs.toFixed(2)} us  client ${phase.clientUs.toFixed(2)} us`,
    `${result.kibPerSocket.toFixed(1)} KiB/socket`,
  ];
  return parts.join('  ');
}
