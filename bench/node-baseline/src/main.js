// Starts WORKERS cluster workers, or one plain process.
import cluster from 'node:cluster';
import { config } from './config.js';
import { logger } from './logger.js';

if (config.workers > 1 && cluster.isPrimary) {
  let stopping = false;
  for (let i = 0; i < config.workers; i++) cluster.fork();
  cluster.on('exit', (worker, code) => {
    if (!worker.exitedAfterDisconnect && !stopping) {
      logger.error({ pid: worker.process.pid, code }, 'worker died, restarting');
      cluster.fork();
    }
  });
  const stop = () => {
    stopping = true;
    for (const w of Object.values(cluster.workers)) w.kill('SIGTERM');
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} else {
  const { buildServer } = await import('./server.js');
  const server = await buildServer();
  await server.listen({ port: config.port, host: config.host, backlog: 4096 });
  const stop = () => {
    server.server.closeAllConnections?.();
    setTimeout(() => process.exit(0), 500).unref();
    server.close().finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
