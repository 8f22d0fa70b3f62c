// Everything that can be set from outside, with its default.
import { readFileSync } from 'node:fs';

const env = process.env;

// PROFILE=seed (default): the design's algorithm, statement by statement.
// PROFILE=tuned: the same answers, plus what a Node engineer would do under pressure: cached JSON
// passed through unparsed, the vote as one SQL statement, timestamps without Date objects, one
// pre-built WebSocket frame for all receivers.
const profile = env.PROFILE ?? 'seed';

export const config = {
  host: env.HOST ?? '127.0.0.1',
  port: Number(env.PORT ?? 3000),
  workers: Number(env.WORKERS ?? 2),
  tuned: profile === 'tuned',
  logLevel: env.LOG_LEVEL ?? 'warn',
  database: {
    host: env.PGHOST ?? '/var/run/postgresql', // folder of the unix socket
    port: Number(env.PGPORT ?? 5432),
    user: env.PGUSER ?? 'postgres',
    database: env.PGDATABASE ?? 'bench',
    max: Number(env.PG_POOL ?? 10), // per worker
    idleTimeoutMillis: 0,
  },
  redis: {
    host: env.REDIS_HOST ?? '127.0.0.1',
    port: Number(env.REDIS_PORT ?? 6379),
  },
  jwt: {
    jwk: () => JSON.parse(readFileSync(env.JWT_JWK, 'utf8')),
    issuer: env.JWT_ISSUER ?? 'https://clerk.bench.local',
    cache: env.JWT_CACHE === '1', // off: the signature is verified on every request
  },
};
