// What is measured: the Node baseline, the product, and the floor of fan-out.
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { freePort, startServer } from './processes.mjs';
import { issuer } from './tokens.mjs';

const bench = new URL('..', import.meta.url).pathname;
const root = new URL('../..', import.meta.url).pathname;
export const baselineWorkers = 2;
export const baselinePool = 10;

// The environment without what would steer a server behind our back.
function cleanEnvironment() {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'USER'];
  return Object.fromEntries(kept.filter((k) => process.env[k]).map((k) => [k, process.env[k]]));
}

// A server that can be started and stopped again and again. Fields that a load needs: base (URL),
// port, pid, prefix (before /battles), socketPath, broadcastPath, database.
class Target {
  constructor(name, label) {
    this.name = name;
    this.label = label;
  }

  get base() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    this.port = await freePort();
    const ready = async () => {
      try {
        return (await fetch(this.base + this.readyPath)).ok;
      } catch {
        return false;
      }
    };
    const launch = await this.launch();
    const log = openSync(`${this.folder}/${this.name}.log`, 'a');
    const server = { name: this.name, cwd: root, log, ready, limitMs: 60_000, ...launch };
    try {
      const { pid, stop, hasEnded } = await startServer(server);
      this.pid = pid;
      this.halt = stop;
      this.hasEnded = hasEnded;
    } catch (error) {
      throw new Error(`${error.message}; ${this.lastWords()}`);
    }
  }

  // For the message of a run that failed.
  lastWords() {
    const said = readFileSync(`${this.folder}/${this.name}.log`, 'utf8').slice(-2000);
    return `${this.hasEnded?.() ? `${this.name} has ended; ` : ''}its last words:\n${said}`;
  }

  async stop() {
    if (this.halt) await this.halt();
    this.halt = undefined;
  }
}

export class NodeBaseline extends Target {
  constructor({ folder, postgres, redis, tokens, profile }) {
    super('node', 'Node');
    Object.assign(this, { folder, postgres, redis, tokens, profile });
    this.database = 'bench_node';
    this.votesTable = 'votes';
    this.prefix = '/api';
    this.readyPath = '/health';
    this.socketPath = '/ws?token=%TOKEN%';
    this.broadcastPath = '/bench/broadcast';
  }

  launch() {
    const env = {
      ...cleanEnvironment(),
      PORT: String(this.port),
      PROFILE: this.profile,
      WORKERS: String(baselineWorkers),
      PG_POOL: String(baselinePool),
      PGHOST: this.postgres.folder,
      PGPORT: String(this.postgres.port),
      PGDATABASE: this.database,
      REDIS_PORT: String(this.redis.port),
      JWT_JWK: this.tokens.jwk,
      JWT_ISSUER: issuer,
    };
    return { program: process.execPath, words: [`${bench}node-baseline/src/main.js`], env };
  }

  seed(variables, cwd) {
    const sql = (name) => `${bench}${name}`;
    this.postgres.createDatabase(this.database);
    const files = [sql('node-baseline/sql/schema.sql'), sql('seed/plan.sql')];
    files.push(sql('node-baseline/sql/seed.sql'), sql('seed/ids.sql'));
    this.postgres.psql(this.database, { files, variables, cwd });
    this.postgres.psql(this.database, { statements: ['VACUUM (FREEZE, ANALYZE)'] });
  }

  settings() {
    return `PROFILE=${this.profile}, WORKERS=${baselineWorkers}, PG_POOL=${baselinePool} a worker, `
      + 'token signature verified on every request, Redis for cache and bus, log level warn';
  }
}

export class Product extends Target {
  constructor({ folder, postgres, tokens }) {
    super('product', 'wildnout');
    Object.assign(this, { folder, postgres, tokens });
    this.database = 'bench_product';
    this.votesTable = 'wildnout.votes';
    this.prefix = '/api/v1';
    this.readyPath = '/health/ready';
    this.socketPath = '/ws?token=%TOKEN%';
    this.broadcastPath = '/dev/broadcast';
    this.binary = `${root}build/release/wildnout`;
    this.environment = {
      WILDNOUT_ENV: 'development',
      WILDNOUT_LOG: 'warn',
      RATE_LIMITS: 'off',
    };
  }

  launch() {
    mkdirSync(`${this.folder}/product`, { recursive: true });
    const env = {
      ...cleanEnvironment(),
      ...this.environment,
      WILDNOUT_LISTEN: `127.0.0.1:${this.port}`,
      WILDNOUT_DATA: `${this.folder}/product`,
      DATABASE_URL: this.postgres.url(this.database),
      CLERK_ISSUER: issuer,
      CLERK_JWT_KEY: readFileSync(this.tokens.pem, 'utf8'),
    };
    return { program: this.binary, words: ['serve'], env };
  }

  // The first start migrates and makes one battle, whose rules the others take; the rest of the
  // data goes in by SQL, as the baseline's does.
  async seed(variables, cwd) {
    this.postgres.createDatabase(this.database);
    await this.start();
    await this.createBattle();
    await this.stop();
    const files = ['plan', 'product', 'ids'].map((name) => `${bench}seed/${name}.sql`);
    this.postgres.psql(this.database, { files, variables, cwd });
    this.postgres.psql(this.database, { statements: ['VACUUM (FREEZE, ANALYZE)'] });
  }

  async createBattle() {
    const token = readFileSync(this.tokens.tokens, 'utf8').split('\n')[0].split(' ')[1];
    const hours = (n) => new Date(Date.now() + n * 3_600_000).toISOString();
    const answer = await fetch(`${this.base}${this.prefix}/battles`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        title: 'The pattern of all battles',
        battleType: 'wildStyle',
        startTime: hours(24),
        endTime: hours(48),
        votingEndTime: hours(72),
        rules: { maxEntries: 1000, minTextLength: 10, maxTextLength: 800 },
      }),
    });
    if (answer.status !== 201) throw new Error(`no battle was made: ${await answer.text()}`);
  }

  settings() {
    const set = Object.entries(this.environment).map(([name, value]) => `${name}=${value}`);
    return `${set.join(', ')}, everything else as it comes, no Redis`;
  }
}

// The bare send() loop. `payloadBytes` is set before each start to what the product's messages had.
export class Floor extends Target {
  constructor({ folder, threads }) {
    super('floor', 'bare send()');
    Object.assign(this, { folder, threads });
    this.readyPath = '/';
    this.socketPath = '/ws';
    this.broadcastPath = '/broadcast';
    this.payloadBytes = 256;
  }

  launch() {
    const words = [this.port, this.threads, Math.round(this.payloadBytes)].map(String);
    return { program: `${bench}.cache/bin/fanout_floor`, words, env: cleanEnvironment() };
  }

  settings() {
    return `${this.threads} threads, one blocking send() a socket and message`;
  }
}
