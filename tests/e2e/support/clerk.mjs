// A stand-in for Clerk: a key set over HTTP, and tokens signed by its keys.

import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";

export class Clerk {
  static async start() {
    const clerk = new Clerk();
    await clerk.addKey("ins_first");
    clerk.server = createServer((request, response) => clerk.#answer(request, response));
    clerk.server.listen(0, "127.0.0.1");
    await once(clerk.server, "listening");
    clerk.issuer = `http://127.0.0.1:${clerk.server.address().port}`;
    return clerk;
  }

  constructor() {
    this.keys = new Map();
    this.reads = 0;
    this.isDown = false;
  }

  #answer(request, response) {
    const isKeys = ["/.well-known/jwks.json", "/v1/jwks"].includes(request.url);
    if (isKeys) this.reads += 1;
    if (this.isDown || !isKeys) {
      response.writeHead(this.isDown ? 503 : 404).end();
      return;
    }
    const keys = [...this.keys.values()].map((key) => key.jwk);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys }));
  }

  async addKey(id) {
    const pair = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: id, use: "sig", alg: "RS256" };
    this.keys.set(id, { ...pair, jwk, pem: await exportSPKI(pair.publicKey) });
  }

  /** The claims of a session token of the present form, made now. */
  claims(subject = "user_1", changes = {}) {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      azp: "https://app.example.com",
      exp: now + 60,
      fva: [0, -1],
      iat: now,
      iss: this.issuer,
      jti: "1c5ad0d2b7d5e0a3a1f1",
      nbf: now - 10,
      sid: `sess_${subject}`,
      sts: "active",
      sub: subject,
      v: 2,
      ...changes,
    };
    return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
  }

  sign(claims, header = {}, key = "ins_first") {
    const whole = { alg: "RS256", kid: key, typ: "JWT", cat: "cl_B7d4PD111AAA", ...header };
    const known = Object.fromEntries(
      Object.entries(whole).filter(([, value]) => value !== undefined),
    );
    return new SignJWT(claims).setProtectedHeader(known).sign(this.keys.get(key).privateKey);
  }

  token(subject, changes) {
    return this.sign(this.claims(subject, changes));
  }

  /** What a server is told of this Clerk. */
  env(changes = {}) {
    return { CLERK_ISSUER: this.issuer, RATE_LIMITS: "off", ...changes };
  }

  async stop() {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }
}
