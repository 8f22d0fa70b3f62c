// Clerk's webhooks as Svix's own library signs them.

import { randomUUID } from "node:crypto";
import { Webhook } from "svix";

/** A user as Clerk describes one. */
export function clerkUser(id, email, updatedAt, more = {}) {
  return {
    id,
    object: "user",
    first_name: "Example",
    last_name: id,
    email_addresses: [{ id: "idn_1", email_address: email }],
    primary_email_address_id: "idn_1",
    updated_at: updatedAt,
    ...more,
  };
}

/** Sends one to a server; the answer is asserted to have the status. */
export function sendWebhook(server, secret, type, data, expect = 200) {
  const body = JSON.stringify({ type, data, object: "event", timestamp: Date.now() });
  const id = `msg_${randomUUID()}`;
  const at = new Date();
  return server.api("POST", "/api/v1/webhooks/clerk", {
    raw: body,
    headers: {
      "content-type": "application/json",
      "svix-id": id,
      "svix-timestamp": String(Math.floor(at.getTime() / 1000)),
      "svix-signature": new Webhook(secret).sign(id, at, body),
    },
    expect,
  });
}
