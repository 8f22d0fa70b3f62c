// The private PostgreSQL and Redis that both servers use, alike for both.
import { chmodSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { atEnd, command, freePort, startServer } from './processes.mjs';

const binaries = '/usr/lib/postgresql/15/bin';

// Changed from PostgreSQL's defaults. fsync and synchronous_commit stay on; no checkpoint falls
// into a run by chance (there is one before each vote run).
export const postgresSettings = {
  max_connections: '100',
  shared_buffers: '512MB',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
};

const asRoot = process.getuid() === 0;

// PostgreSQL refuses to run as root, so root runs it as the postgres user.
function asPostgres(program, words) {
  if (!asRoot) return command(program, words);
  return command('runuser', ['-u', 'postgres', '--', program, ...words], { cwd: '/' });
}

// A PostgreSQL cluster in `folder`, reached by the Unix socket there.
export class Postgres {
  static async start(folder) {
    const postgres = new Postgres();
    postgres.folder = folder;
    postgres.port = await freePort();
    mkdirSync(folder, { mode: 0o755 });
    if (asRoot) command('chown', ['postgres:', folder]);
    const data = `${folder}/data`;
    asPostgres(`${binaries}/initdb`, [
      ...['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8'],
    ]);
    const settings = { ...postgresSettings, port: postgres.port, listen_addresses: "''" };
    settings.unix_socket_directories = `'${folder}'`;
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    writeFileSync(`${data}/postgresql.auto.conf`, lines.join(''));
    const control = [`${binaries}/pg_ctl`, ['-D', data, '-w', '-l', `${folder}/log`]];
    atEnd(() => {
      try {
        asPostgres(control[0], [...control[1], '-m', 'immediate', 'stop']);
      } catch {
        // was not running
      }
    });
    asPostgres(control[0], [...control[1], 'start']);
    postgres.pid = Number(readFileSync(`${data}/postmaster.pid`, 'utf8').split('\n')[0]);
    return postgres;
  }

  // Runs files and statements of psql in one session; returns what it printed.
  psql(database, { files = [], statements = [], variables = {}, cwd } = {}) {
    const words = ['-X', '-q', '-At', '-F', ' ', '-v', 'ON_ERROR_STOP=1', '-d', database];
    words.push('-h', this.folder, '-p', String(this.port), '-U', 'postgres');
    for (const [name, value] of Object.entries(variables)) words.push('-v', `${name}=${value}`);
    for (const statement of statements) words.push('-c', statement);
    for (const file of files) words.push('-f', file);
    return command('psql', words, { cwd });
  }

  createDatabase(name) {
    this.psql('postgres', { statements: [`CREATE DATABASE ${name}`] });
  }

  url(database) {
    return `postgresql://postgres@/${database}?host=${this.folder}&port=${this.port}`;
  }
}

// A Redis with no persistence; the baseline's cache and its workers' bus.
export async function startRedis(folder) {
  mkdirSync(folder);
  chmodSync(folder, 0o700);
  const port = await freePort();
  const words = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  words.push('--save', '', '--appendonly', 'no');
  const log = openSync(`${folder}/log`, 'a');
  const ready = () => {
    try {
      return command('redis-cli', ['-p', String(port), 'ping']).includes('PONG');
    } catch {
      return false;
    }
  };
  const server = { name: 'redis', program: 'redis-server', words, log, ready, limitMs: 10_000 };
  return { port, ...(await startServer({ ...server, env: process.env })) };
}
