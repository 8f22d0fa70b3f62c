// Networkless session verification: RS256 against a local JWK, on every request.
import { createPublicKey } from 'node:crypto';
import { createVerifier } from 'fast-jwt';
import { config } from './config.js';

const pem = createPublicKey({ key: config.jwt.jwk(), format: 'jwk' }).export({
  type: 'spki',
  format: 'pem',
});
const verify = createVerifier({
  key: pem,
  algorithms: ['RS256'],
  allowedIss: config.jwt.issuer,
  clockTolerance: 5000,
  cache: config.jwt.cache ? 10000 : false,
});

export function verifySession(token) {
  try {
    return { userId: verify(token).sub };
  } catch {
    return null;
  }
}

const unauthorized = (reply, message) =>
  reply.code(401).send({ error: { code: 'unauthorized', message } });

// Callback-style hook: no promise per request.
export function authenticate(request, reply, done) {
  const header = request.headers.authorization;
  if (header === undefined || !header.startsWith('Bearer '))
    return void unauthorized(reply, 'Authentication required');
  const session = verifySession(header.slice(7));
  if (session === null) return void unauthorized(reply, 'Invalid authentication');
  request.userId = session.userId;
  done();
}

// For what anyone may read: no token is anonymous, a sent one is verified.
export function authenticateIfSent(request, reply, done) {
  if (request.headers.authorization === undefined) return done();
  authenticate(request, reply, done);
}
