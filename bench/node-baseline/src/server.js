// The baseline server, put together from its parts.
import Fastify, { LogController } from 'fastify';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { Redis } from 'ioredis';
import pg from 'pg';
import { config } from './config.js';
import { errorHandler } from './errors.js';
import { mountBroadcast } from './broadcast.js';
import { CacheService } from './cache-service.js';
import { logger } from './logger.js';
import { BattleRepository, EntryRepository, VoteRepository } from './repositories.js';
import { mountRoutes } from './routes.js';
import { health } from './schemas.js';
import { VotingService } from './voting-service.js';
import { WebSocketService } from './websocket.js';

// tuned profile: "2026-11-22 10:28:36.85+00" to ISO 8601 without a Date in between
const isoTimestamp = (s) => {
  if (!s.endsWith('+00') || s.charCodeAt(10) !== 32) return new Date(s).toISOString();
  const millis = s.length > 22 ? s.slice(20, -3).padEnd(3, '0').slice(0, 3) : '000';
  return `${s.slice(0, 10)}T${s.slice(11, 19)}.${millis}Z`;
};

async function connectDatabase() {
  if (config.tuned) pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, isoTimestamp);
  const pool = new pg.Pool(config.database);
  pool.on('error', (err) => logger.error(err, 'Idle PostgreSQL client failed'));
  await pool.query('SELECT NOW()');
  return pool;
}

function connectRedis() {
  const redis = new Redis({
    ...config.redis,
    maxRetriesPerRequest: 3,
    retryStrategy: (n) => Math.min(n * 50, 2000),
  });
  redis.on('error', (err) => logger.error({ err }, 'Redis cache error'));
  return redis;
}

export async function buildServer() {
  const pool = await connectDatabase();
  const redis = connectRedis();
  const subscriber = redis.duplicate();
  const cache = new CacheService(redis);
  const battles = new BattleRepository(pool, cache);
  const entries = new EntryRepository(pool, cache);
  const voting = new VotingService(new VoteRepository(pool, cache), entries, battles);

  const server = Fastify({
    loggerInstance: logger,
    trustProxy: true,
    logController: new LogController({ disableRequestLogging: true }),
  });
  await server.register(cors, { origin: true });
  await server.register(helmet);
  server.setErrorHandler(errorHandler);
  server.decorateRequest('userId', null);
  server.get('/health', { schema: { response: { 200: health } } }, async () => ({ status: 'ok' }));
  server.register(async (api) => mountRoutes(api, { battles, cache, voting }), { prefix: '/api' });

  const ws = new WebSocketService(server.server);
  await mountBroadcast(server, redis, subscriber, ws.connectionManager);

  server.addHook('onClose', async () => {
    redis.disconnect();
    subscriber.disconnect();
    await pool.end();
  });
  return server;
}
