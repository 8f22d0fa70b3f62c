// A Redis of a test's own, on a Unix socket, to be killed, stopped in its tracks and started again.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const READY_WITHIN_MS = 30_000;

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Redis {
  static async start() {
    const redis = new Redis();
    redis.folder = await mkdtemp(join(tmpdir(), "wildnout-redis."));
    redis.socket = join(redis.folder, "redis.sock");
    redis.url = `unix://${redis.socket}`;
    await redis.start();
    return redis;
  }

  /** Starts it (again), empty, on the same socket, and waits until it answers. */
  async start() {
    const words = ["--port", "0", "--unixsocket", this.socket, "--dir", this.folder];
    const child = spawn("redis-server", [...words, "--save", "", "--appendonly", "no"], {
      stdio: "ignore",
    });
    running.add(child);
    this.child = child;
    this.exited = once(child, "close").then(() => running.delete(child));
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await this.#answers())) {
      if (performance.now() > deadline) throw new Error("the Redis of this test does not answer");
      await pause(20);
    }
  }

  #answers() {
    return new Promise((resolve) => {
      const line = connect(this.socket);
      line.once("error", () => resolve(false));
      line.once("data", (bytes) => {
        line.destroy();
        resolve(String(bytes).startsWith("+PONG"));
      });
      line.write("PING\r\n");
    });
  }

  async kill() {
    this.child.kill("SIGCONT");
    this.child.kill("SIGKILL");
    await this.exited;
  }

  /** It neither answers nor ends, until `goOn`. */
  hang() {
    this.child.kill("SIGSTOP");
  }
  goOn() {
    this.child.kill("SIGCONT");
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
