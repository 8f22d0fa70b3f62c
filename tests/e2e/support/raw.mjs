// HTTP over a bare socket, for what no client library would send.

import { once } from "node:events";
import { connect } from "node:net";

const ANSWER_WITHIN_MS = 60_000;

/** Takes the whole answers off the front of the bytes received. */
function parseAnswers(bytes) {
  const answers = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) break;
    const [statusLine, ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const headers = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const length = Number(headers["content-length"] ?? 0);
    if (rest.length < end + 4 + length) break;
    const text = rest.subarray(end + 4, end + 4 + length).toString("utf8");
    answers.push({ status: Number(statusLine.split(" ")[1]), headers, text });
    rest = rest.subarray(end + 4 + length);
  }
  return { answers, rest };
}

/** An open connection: `send`, and `answers(count)` that waits for so many, or for the end. */
export class RawConnection {
  #received = Buffer.alloc(0);
  #onChange = () => {};

  constructor(socket) {
    this.socket = socket;
    this.isClosed = false;
    socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#onChange();
    });
    socket.on("error", () => {});
    // `end` is the server's farewell; we may still be writing.
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.isClosed = true;
        this.#onChange();
      });
    }
  }

  send(...parts) {
    for (const part of parts) this.socket.write(part);
  }

  parsed() {
    return parseAnswers(this.#received);
  }

  async #wait(isDone, what, within) {
    const deadline = performance.now() + within;
    while (!isDone()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`the server hangs: no ${what} in ${within} ms`);
      let timer;
      await new Promise((resolve) => {
        this.#onChange = resolve;
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }

  async answers(count = 1, within = ANSWER_WITHIN_MS) {
    await this.#wait(() => this.isClosed || this.parsed().answers.length >= count,
      "answer", within);
    return this.parsed().answers;
  }

  async closed(within = ANSWER_WITHIN_MS) {
    await this.#wait(() => this.isClosed, "end of the connection", within);
    return this.parsed().answers;
  }

  end() {
    this.socket.destroy();
  }
}

export async function openRaw(port) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return new RawConnection(socket);
}

/** Sends some bytes on a connection of their own and answers the first answer. */
export async function askRaw(port, ...parts) {
  const connection = await openRaw(port);
  try {
    connection.send(...parts);
    const [answer] = await connection.answers(1);
    return answer ?? null;
  } finally {
    connection.end();
  }
}
