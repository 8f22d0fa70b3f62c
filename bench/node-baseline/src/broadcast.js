// What the load asks for: a number of messages, sent to every socket of every worker.
import { config } from './config.js';
import { broadcastBody } from './schemas.js';

const CHANNEL = 'ws:broadcast';
const clustered = config.workers > 1;

// Bytes of a message beside its pad.
const ENVELOPE_BYTES = 90;

// POST /bench/broadcast {size, count, intervalMs}: `count` messages of about `size` bytes, one each
// intervalMs (0: one each event loop turn). "t" is this process's CLOCK_MONOTONIC in ns, which load
// clients on this host compare with their own.
export async function mountBroadcast(server, redis, subscriber, connections) {
  if (clustered) {
    await subscriber.subscribe(CHANNEL);
    subscriber.on('message', (_, message) => connections.broadcast(message));
  }
  const publish = (message) =>
    clustered ? redis.publish(CHANNEL, message) : connections.broadcast(message);

  server.post('/bench/broadcast', { schema: { body: broadcastBody } }, async (request) => {
    const { size = 256, count = 1, intervalMs = 0 } = request.body ?? {};
    const pad = 'x'.repeat(Math.max(0, size - ENVELOPE_BYTES));
    const start = process.hrtime.bigint();
    for (let seq = 0; seq < count; seq++) {
      const due = Number(start) + seq * intervalMs * 1e6;
      const wait = (due - Number(process.hrtime.bigint())) / 1e6;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const data = { seq, t: Number(process.hrtime.bigint()), pad };
      const sent = publish(JSON.stringify({ type: 'bench', data, timestamp: Date.now() }));
      if (intervalMs > 0) continue;
      if (clustered) await sent;
      else await new Promise(setImmediate);
    }
    return { sent: count, elapsedMs: Number(process.hrtime.bigint() - start) / 1e6 };
  });
}
