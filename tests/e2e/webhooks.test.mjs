// Webhooks as Svix's own library signs them, sent to the real server.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { Webhook } from "svix";

import { Clerk } from "./support/clerk.mjs";
import { startServer, until } from "./support/server.mjs";

const OLD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const AT_ONCE = 50;
const OFFICIAL_INVALID = [
  "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=",
  "v1,dawfeoifkpqwoekfpqoekf",
  "v1,",
  "",
];

describe("webhooks", { timeout: 120_000 }, () => {
  let clerk;
  let server;

  before(async () => {
    clerk = await Clerk.start();
    const secrets = `${NEW_SECRET},${OLD_SECRET}`;
    server = await startServer({ env: clerk.env({ CLERK_WEBHOOK_SECRETS: secrets }) });
    await until(async () => {
      const token = await clerk.token("user_0");
      return (await server.api("GET", "/api/v1/auth/session", { token })).status === 200;
    }, "keys are read");
  });
  after(async () => {
    await server?.stop();
    await clerk?.stop();
  });

  const event = (type, data, more = {}) =>
    JSON.stringify({ type, data, object: "event", timestamp: Date.now(), ...more });
  const userData = (id, updatedAt, more = {}) => ({
    id,
    object: "user",
    first_name: "Example",
    last_name: String(updatedAt),
    email_addresses: [{ id: "idn_1", email_address: `${updatedAt}@example.org` }],
    primary_email_address_id: "idn_1",
    image_url: "https://img.clerk.com/xxxxxx",
    updated_at: updatedAt,
    ...more,
  });
  function signed(body, { secret = OLD_SECRET, id = `msg_${randomUUID()}`, at = new Date() } = {}) {
    return {
      "svix-id": id,
      "svix-timestamp": String(Math.floor(at.getTime() / 1000)),
      "svix-signature": new Webhook(secret).sign(id, at, body),
    };
  }
  const send = (body, headers, expect) =>
    server.api("POST", "/api/v1/webhooks/clerk", {
      raw: body,
      headers: { "content-type": "application/json", ...headers },
      expect,
    });
  const nameOf = async (clerkId) => {
    const rows = await server.sql("SELECT display_name FROM users WHERE clerk_id = $1", [clerkId]);
    return rows[0]?.display_name;
  };

  test("signed by any of the secrets are accepted, also in the standard's headers", async () => {
    for (const secret of [OLD_SECRET, NEW_SECRET]) {
      const body = event("user.created", userData("user_hook", Date.now()));
      const { body: answer } = await send(body, signed(body, { secret }), 200);
      assert.deepEqual(answer, { success: true });
    }
    const body = event("user.updated", userData("user_hook", 9e12));
    const headers = Object.fromEntries(
      Object.entries(signed(body)).map(([name, value]) => [name.replace("svix", "webhook"), value]),
    );
    await send(body, headers, 200);
    assert.equal(await nameOf("user_hook"), "Example 9000000000000");
    const two = event("email.created", { id: "ema_1" });
    const list = signed(two);
    list["svix-signature"] = `v1,AAAA v2,BBBB ${list["svix-signature"]}`;
    await send(two, list, 200);
  });

  test("each of the official invalid signatures is refused", async () => {
    const body = '{"test": 2432232314}';
    for (const signature of OFFICIAL_INVALID) {
      const headers = { ...signed(body), "svix-signature": signature };
      if (signature === "") delete headers["svix-signature"];
      await send(body, headers, "400 invalid_webhook");
    }
    const good = event("email.created", { id: "ema_1" });
    await send(good, signed(good, { secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }),
      "400 invalid_webhook");
    for (const seconds of [-302, 303]) {
      const at = new Date(Date.now() + seconds * 1000);
      await send(good, signed(good, { at }), "400 invalid_webhook");
    }
    await send(good, { ...signed(good), "svix-timestamp": "hello" }, "400 invalid_webhook");
    await send(`${good} `, signed(good), "400 invalid_webhook");
  });

  test("fifty repeats at once have one effect", async () => {
    const body = event("user.created", userData("user_fifty", 1000));
    const headers = signed(body);
    await Promise.all(Array.from({ length: AT_ONCE }, () => send(body, headers, 200)));
    const [{ count }] = await server.sql(
      "SELECT count(*) FROM outbox JOIN users ON aggregate_id = users.id " +
        "WHERE clerk_id = 'user_fifty' AND type = 'user.registered'",
    );
    assert.equal(count, "1");
  });

  test("end sessions and accounts on open sockets too", async () => {
    const token = await clerk.token("user_live");
    const socket = await server.socket({ token });
    let body = event("session.revoked", { id: "sess_user_live", user_id: "user_live" });
    await send(body, signed(body), 200);
    assert.equal((await socket.closed).code, 4401);
    await server.api("GET", "/api/v1/auth/session", { token, expect: "401 session_revoked" });

    const other = await clerk.token("user_live", { sid: "sess_second" });
    const second = await server.socket({ token: other });
    body = event("user.updated", userData("user_live", Date.now(), { banned: true }));
    await send(body, signed(body), 200);
    assert.equal((await second.closed).code, 4401);
    await server.api("GET", "/api/v1/auth/session", {
      token: other,
      expect: "403 account_suspended",
    });
    body = event("user.deleted", { id: "user_live", deleted: true, object: "user" });
    await send(body, signed(body), 200);
    await server.api("GET", "/api/v1/auth/session", { token: other, expect: "401 unauthorized" });
  });
});
