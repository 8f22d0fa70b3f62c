// Starts the real binary on a database of its own, and ends it again.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Agent } from "undici";

import { Api } from "./api.mjs";
import { createDatabase, dropDatabase, openSql } from "./database.mjs";
import { openSocket } from "./socket.mjs";

const BINARY = process.env.WILDNOUT_BINARY;
// What every process of the binary is given: with the log, it tells which queries it has run.
const { PATH, WILDNOUT_QUERY_LOG } = process.env;
const COMMON = { PATH, ...(WILDNOUT_QUERY_LOG && { WILDNOUT_QUERY_LOG }) };
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 60_000;
const PATIENCE_MS = 60_000; // the machine may be busy
const CONNECTIONS = 1_000;
// Below the ports that the kernel gives to outgoing connections: a port stays ours over a restart.
const FIRST_PORT = 20_000;
const PORTS = 12_000;

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** A port that nothing listens on. */
export async function freePort() {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const probe = createServer();
    const isFree = await new Promise((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

/** The binary's path; every end-to-end test needs it. */
export function binary() {
  if (!BINARY) throw new Error("WILDNOUT_BINARY does not name the binary; ./test e2e sets it");
  return BINARY;
}

/** Runs a subcommand to its end: `{code, stdout, stderr}`. */
export async function runBinary(commandLine, env = {}) {
  const child = spawn(binary(), commandLine, {
    env: { ...COMMON, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const [code, signal] = await once(child, "close");
  running.delete(child);
  return { code: code ?? signal, stdout, stderr };
}

/**
 * One server. `startServer` makes it; `api`, `token`, `user`, `socket` and `sql` are what tests
 * speak to it with.
 */
class Server {
  #admin = null;

  constructor({ port, data, database, ownsDatabase, env, commandLine }) {
    this.port = port;
    this.data = data;
    this.databaseUrl = database;
    this.ownsDatabase = ownsDatabase;
    this.env = env;
    this.commandLine = commandLine;
    this.baseUrl = `http://127.0.0.1:${port}`;
    this.wsUrl = `ws://127.0.0.1:${port}/ws`;
    this.lines = [];
    this.sockets = new Set();
    this.agent = new Agent({ connections: CONNECTIONS, pipelining: 1 });
    this.http = new Api(this.baseUrl, this.agent);
    this.database = null;
  }

  get pid() {
    return this.child?.pid;
  }

  /** Everything that the process has written so far, over all its starts. */
  log() {
    return this.lines.join("");
  }

  /** Starts the process; the answer of `exited` is its status, or the signal that ended it. */
  start() {
    const child = spawn(binary(), ["serve", ...this.commandLine], {
      env: {
        ...COMMON,
        WILDNOUT_ENV: "development",
        WILDNOUT_DATA: this.data,
        WILDNOUT_LISTEN: `127.0.0.1:${this.port}`,
        DATABASE_URL: this.databaseUrl,
        // One address stands for everybody here. Production has no such setting.
        ...(this.env.WILDNOUT_ENV === "production" ? {} : { RATE_LIMITS: "off" }),
        ...this.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => this.lines.push(String(chunk)));
    }
    this.child = child;
    this.exited = once(child, "close").then(([code, signal]) => {
      running.delete(child);
      return code ?? signal;
    });
  }

  /** Waits until /health/ready answers 200. */
  async ready(within = READY_WITHIN_MS) {
    const deadline = performance.now() + within;
    while (performance.now() < deadline) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) break;
      try {
        const answer = await fetch(`${this.baseUrl}/health/ready`);
        await answer.arrayBuffer();
        if (answer.status === 200) return;
      } catch {
        // not listening yet
      }
      await pause(20);
    }
    throw new Error(`the server is not ready; its log:\n${this.log()}`);
  }

  /** SIGKILL, as a crash would; resolves when the process is gone. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** SIGTERM; resolves to the exit status. A process that hangs is killed and the test fails. */
  async terminate(within = STOP_WITHIN_MS) {
    this.child.kill("SIGTERM");
    const hung = Symbol("hung");
    const patience = new AbortController();
    const status = await Promise.race([
      this.exited,
      pause(within, hung, { signal: patience.signal }),
    ]);
    patience.abort();
    if (status !== hung) return status;
    await this.kill();
    throw new Error(`the server did not stop; its log:\n${this.log()}`);
  }

  /** Starts it again on the same port, data and database; ends it before when it still runs. */
  async restart(env = {}) {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.terminate();
    Object.assign(this.env, env);
    this.start();
    await this.ready();
  }

  /** Ends it, and whatever was made for it. */
  async stop() {
    for (const socket of this.sockets) socket.end();
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      await this.terminate();
    }
    await this.agent.destroy();
    await this.database?.end();
    if (this.ownsDatabase) await dropDatabase(this.databaseUrl);
    await rm(this.data, { recursive: true, force: true });
  }

  /** Asks the server; see `Api.ask`. Every answer is held against the served document. */
  api(method, path, options) {
    return this.http.ask(method, path, options);
  }

  /** A token of the development issuer: `{token, userId, sessionId, expiresAt}`. */
  async token(wish = {}) {
    const answer = await this.api("POST", "/dev/token", { body: wish, expect: 200 });
    return answer.body;
  }

  /** A new user with an `ask` of its own under /api/v1: `{token, userId, ask}`. */
  async user(wish = {}) {
    const issued = await this.token(wish);
    const ask = (method, path, options = {}) =>
      this.api(method, `/api/v1${path}`, { token: issued.token, ...options });
    return { ...issued, ask };
  }

  /** The user who may do everything; one a server. */
  admin() {
    this.#admin ??= this.user({ username: "admin", roles: ["admin"] });
    return this.#admin;
  }

  users(count, wish = {}) {
    return Promise.all(Array.from({ length: count }, () => this.user(wish)));
  }

  /** Opens a WebSocket; see `openSocket`. Closed with the server. */
  async socket(credentials, options) {
    const socket = await openSocket(this.wsUrl, credentials, options);
    this.sockets.add(socket);
    return socket;
  }

  /** Rows of a statement on the server's database. */
  async sql(text, values = []) {
    this.database ??= openSql(this.databaseUrl);
    return (await this.database.query(text, values)).rows;
  }
}

/**
 * Starts a server on a fresh database and waits until it is ready. `env` adds to its environment,
 * `commandLine` to `serve`; `demo` lets it make its own traffic; `databaseUrl` shares another's
 * database; `isAwaited: false` leaves the waiting to the test.
 */
export async function startServer({
  env = {},
  demo = false,
  commandLine = [],
  databaseUrl = null,
  isAwaited = true,
} = {}) {
  const server = new Server({
    port: await freePort(),
    data: await mkdtemp(join(tmpdir(), "wildnout-e2e.")),
    database: databaseUrl ?? (await createDatabase()),
    ownsDatabase: databaseUrl === null,
    env: { ...env },
    commandLine: demo ? ["--demo", ...commandLine] : commandLine,
  });
  try {
    server.start();
    if (isAwaited) await server.ready();
  } catch (fault) {
    await server.kill();
    await server.stop();
    throw fault;
  }
  return server;
}

/** Repeats `probe` until it answers something true, which is returned. */
export async function until(probe, what, within = PATIENCE_MS, every = 25) {
  const deadline = performance.now() + within;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await pause(every);
  }
}
