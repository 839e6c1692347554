// panva's jose makes tokens, and verifies those of others. A JSON line each.

import { readFileSync } from "node:fs";
import { SignJWT, exportJWK, generateKeyPair, generateSecret, importJWK, jwtVerify, errors } from "jose";

const CLAIMS = {
  iss: "bulla", aud: "api", sub: "usr_1", exp: 4000000000, roles: ["admin"], name: 'Çelebi "1"',
};
const ALGORITHMS = [
  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
  "Ed25519",
];

async function make(alg) {
  const symmetric = alg.startsWith("HS");
  const secret = symmetric ? await generateSecret(alg, { extractable: true }) : undefined;
  const pair = symmetric ? { privateKey: secret, publicKey: secret } : await generateKeyPair(alg, { extractable: true });
  const { kty, ...members } = await exportJWK(pair.publicKey);
  const token = await new SignJWT(CLAIMS)
    .setProtectedHeader({ alg, typ: "JWT", kid: "theirs" })
    .sign(pair.privateKey);
  return { algorithm: alg, keys: [{ kty, ...members, alg, kid: "theirs", use: "sig" }], token };
}

async function verify({ algorithm, keys, token }) {
  const key = await importJWK(keys[0], algorithm);
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm], issuer: "bulla", audience: "api", requiredClaims: ["exp", "sub"],
    });
    return { algorithm, valid: true, claims: payload };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return { algorithm, valid: false, error: error.code };
  }
}

const lines = () => readFileSync(0, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const [work, items] = process.argv[2] === "make" ? [make, ALGORITHMS] : [verify, lines()];
for (const item of items) console.log(JSON.stringify(await work(item)));
