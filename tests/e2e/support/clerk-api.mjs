// A stand-in for Clerk's Backend API: users, listed and one by one, with its limits.

import { once } from "node:events";
import { createServer } from "node:http";

const LARGEST_PAGE = 500;
const MOST_IDS = 100;

const notFound = {
  errors: [{ message: "not found", long_message: "not found", code: "resource_not_found" }],
};

export class ClerkApi {
  static async start(secret) {
    const api = new ClerkApi(secret);
    api.server = createServer((request, response) => api.#answer(request, response));
    api.server.listen(0, "127.0.0.1");
    await once(api.server, "listening");
    api.url = `http://127.0.0.1:${api.server.address().port}`;
    return api;
  }

  constructor(secret) {
    this.secret = secret;
    this.users = new Map(); // in the order in which they were made
    this.log = []; // {path, at, status}
    this.busy = 0; // so many answers say 429
    this.retryAfter = 1; // seconds
  }

  put(id, more = {}) {
    const user = {
      id,
      object: "user",
      username: null,
      first_name: "Example",
      last_name: null,
      image_url: "https://img.clerk.com/xxxxxx",
      primary_email_address_id: "idn_1",
      email_addresses: [{ id: "idn_1", email_address: `${id}@example.org` }],
      banned: false,
      locked: false,
      lockout_expires_in_seconds: null,
      created_at: 1654012591514,
      updated_at: 1654012591835,
      ...this.users.get(id),
      ...more,
    };
    this.users.set(id, user);
    return user;
  }

  #answer(request, response) {
    const url = new URL(request.url, this.url);
    const say = (status, body, headers = {}) => {
      this.log.push({ path: request.url, at: performance.now(), status });
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${this.secret}`) {
      say(401, { errors: [{ message: "unauthorized", code: "authentication_invalid" }] });
    } else if (this.busy > 0) {
      this.busy -= 1;
      say(429, { errors: [{ code: "too_many_requests" }] }, { "retry-after": this.retryAfter });
    } else if (url.pathname === "/v1/users") {
      say(200, this.#list(url.searchParams));
    } else if (url.pathname.startsWith("/v1/users/")) {
      const user = this.users.get(decodeURIComponent(url.pathname.slice("/v1/users/".length)));
      say(user ? 200 : 404, user ?? notFound);
    } else {
      say(404, notFound);
    }
  }

  #list(query) {
    const limit = Math.min(Number(query.get("limit") ?? 10), LARGEST_PAGE);
    const offset = Number(query.get("offset") ?? 0);
    const ids = query.getAll("user_id");
    if (ids.length > MOST_IDS) throw new Error("Clerk takes 100 ids at most");
    const wanted = [...this.users.values()].filter(
      (user) => ids.length === 0 || ids.includes(user.id),
    );
    return wanted.slice(offset, offset + limit);
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }
}
