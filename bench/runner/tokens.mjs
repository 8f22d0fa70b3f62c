// Session tokens that both servers take: RS256, shaped like Clerk's, minted once and kept.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';

export const issuer = 'https://clerk.bench.local';
const keyId = 'ins_bench';
const day = 86_400;
const lifetime = 30 * day;
const leastLeft = 2 * day; // older sets are minted anew

export const userId = (n) => 'user_2bench' + String(n).padStart(21, '0');

function privateKey(folder) {
  const file = `${folder}/private.pem`;
  if (!existsSync(file)) {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(file, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  return createPrivateKey(readFileSync(file));
}

function mint(key, users) {
  const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');
  const head = part({ alg: 'RS256', kid: keyId, typ: 'JWT' });
  const iat = Math.floor(Date.now() / 1000);
  const lines = [];
  for (let n = 0; n < users; n++) {
    const sub = userId(n);
    const sid = sub.replace('user_', 'sess_');
    const claims = { exp: iat + lifetime, fva: [0, -1], iat, iss: issuer, nbf: iat - 10 };
    const body = `${head}.${part({ ...claims, sid, sts: 'active', sub, v: 2 })}`;
    lines.push(`${sub} ${body}.${sign('sha256', Buffer.from(body), key).toString('base64url')}\n`);
  }
  return lines.join('');
}

// Makes `users` tokens in `folder` unless they are there; returns the files:
// tokens ("userId token" a line), jwk (public, for the baseline), pem (public, for the product).
export function prepareTokens(folder, users) {
  mkdirSync(folder, { recursive: true });
  const files = {
    tokens: `${folder}/tokens-${users}.txt`,
    jwk: `${folder}/public.jwk.json`,
    pem: `${folder}/public.pem`,
  };
  const left = existsSync(files.tokens)
    ? statSync(files.tokens).mtimeMs / 1000 + lifetime - Date.now() / 1000
    : 0;
  if (left > leastLeft) return files;
  console.log(`minting ${users} session tokens`);
  const key = privateKey(folder);
  const publicKey = createPublicKey(key);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' };
  writeFileSync(files.jwk, JSON.stringify(jwk));
  writeFileSync(files.pem, publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(files.tokens, mint(key, users));
  return files;
}
