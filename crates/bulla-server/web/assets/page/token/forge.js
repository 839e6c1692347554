// What a forger tries with a genuine token. Each forgery is made in the browser, and really sent.

import { accepted, ask, said } from "../wire/ask.js";
import { decode, encode, toBase64url } from "./jwt.js";
import { hmac, pem, sealedByAStranger } from "./seal.js";

/** @typedef {import("../wire/ask.js").Asked} Asked */
/** @typedef {import("./seal.js").Jwk} Jwk */

/**
 * @typedef {object} Forgery
 * @property {string} name
 * @property {string} hope what the forger hopes for
 * @property {string} lesson why it does not work
 * @property {(token: string) => Promise<Forged>} make
 */

/** @typedef {{ asked: Asked, from?: string, to: string }} Forged what is sent, and what is different in it */

/** @param {string} token */
const contact = (token) => ({ path: "/contact", token, body: { message: "Let me in." } });

/**
 * What a forger asks of the server beforehand. Without it there is nothing to send.
 *
 * @param {Asked} asked
 */
async function answerOf(asked) {
  const exchange = await ask(asked);
  if (!accepted(exchange)) throw new Error(`${asked.path}: ${said(exchange)}`);
  return exchange.answer;
}

/** @param {unknown} value */
const text = (value) => JSON.stringify(value);

/**
 * The payload changed, the old seal kept.
 *
 * @param {string} claim
 * @param {(old: any) => unknown} change
 * @returns {Forgery["make"]}
 */
const changed = (claim, change) => async (token) => {
  const { header, payload, signature } = decode(token);
  const old = payload.json[claim];
  const value = change(old);
  const forged = `${header.text}.${encode({ ...payload.json, [claim]: value })}.${signature.text}`;
  return { asked: contact(forged), from: `${text(claim)}: ${text(old)}`, to: `${text(claim)}: ${text(value)}` };
};

/** @param {string} token */
async function withoutAlgorithm(token) {
  const { header, payload } = decode(token);
  const forged = `${encode({ ...header.json, alg: "none" })}.${payload.text}.`;
  return { asked: contact(forged), from: `"alg": ${text(header.json.alg)}`, to: '"alg": "none", and no signature' };
}

/** @param {string} token */
async function confused(token) {
  const { header, payload } = decode(token);
  const { keys } = await answerOf({ path: "/.well-known/jwks.json" });
  const key = keys.find((/** @type {Jwk} */ key) => key.kid === header.json.kid);
  const secret = (key && (await pem(key))) ?? text(key ?? null);
  const covered = `${encode({ ...header.json, alg: "HS256" })}.${payload.text}`;
  const forged = `${covered}.${toBase64url(await hmac(secret, covered))}`;
  return {
    asked: contact(forged),
    from: `"alg": ${text(header.json.alg)}, sealed with the private key`,
    to: '"alg": "HS256", sealed with the public key as the secret',
  };
}

/** @param {string} token */
async function byAnotherKey(token) {
  const { header, payload } = decode(token);
  const forged = await sealedByAStranger(header.json, payload.json);
  return { asked: contact(forged), from: "sealed by the issuer", to: "sealed by a key made a moment ago in this page" };
}

/** @param {string} token */
async function byAnUnknownKey(token) {
  const { header, payload } = decode(token);
  const forged = await sealedByAStranger({ ...header.json, kid: "my-own-key" }, payload.json);
  return { asked: contact(forged), from: `"kid": ${text(header.json.kid)}`, to: '"kid": "my-own-key", sealed by that key' };
}

/** @param {string} token */
async function forAnotherAudience(token) {
  const { access_token: other } = await answerOf({ method: "POST", path: "/demo/elsewhere", token });
  return {
    asked: contact(other),
    from: `"aud": ${text(decode(token).payload.json.aud)}`,
    to: `"aud": ${text(decode(other).payload.json?.aud)}, sealed by the issuer itself`,
  };
}

/** @param {string} token */
async function oneBit(token) {
  const { header, payload, signature } = decode(token);
  const bytes = Uint8Array.from(signature.bytes ?? []);
  const old = bytes[0] ?? 0;
  bytes[0] = old ^ 1;
  const forged = `${header.text}.${payload.text}.${toBase64url(bytes)}`;
  const bits = (/** @type {number} */ byte) => byte.toString(2).padStart(8, "0");
  return { asked: contact(forged), from: `first byte of the signature: ${bits(old)}`, to: `first byte of the signature: ${bits(old ^ 1)}` };
}

/** @type {Forgery[]} */
export const FORGERIES = [
  {
    name: "sub: a stranger",
    hope: "Who reads only the payload believes it.",
    lesson: "The signature covers the payload. Changed by a letter, it no longer fits.",
    make: changed("sub", () => "usr_AAAAAAAAAAAAAAAAAAAAAA"),
  },
  {
    name: "roles: admin",
    hope: "Roles are in the token, so write one in.",
    lesson: "Roles are believed because the issuer sealed them. This seal is over other roles.",
    make: changed("roles", () => ["admin"]),
  },
  {
    name: "exp: much later",
    hope: "A later end, ten years from now.",
    lesson: "The time is not even looked at: the signature comes first.",
    make: changed("exp", (exp) => exp + 315_360_000),
  },
  {
    name: "alg: none",
    hope: "The standard knows tokens without a seal.",
    lesson: "A key does one algorithm, and none is no algorithm. The token has no say in it.",
    make: withoutAlgorithm,
  },
  {
    name: "alg: HS256",
    hope: "Known as RS256 → HS256: everybody knows the public key. So call it a secret, and seal with it.",
    lesson: "The server's key is bound to its algorithm. It was never a secret for HMAC.",
    make: confused,
  },
  {
    name: "Another key",
    hope: "The same words, under another key, with the issuer's key ID.",
    lesson: "The public key fits one private key. That one never left the issuer.",
    make: byAnotherKey,
  },
  {
    name: "A key of my own",
    hope: "Another key, honestly named.",
    lesson: "Keys come from the issuer's set, never from the token.",
    make: byAnUnknownKey,
  },
  {
    name: "aud: elsewhere",
    hope: "Genuine, in time, with a whole seal, but meant for another audience.",
    lesson: "Nothing is forged here: the token was made for another API, and this one says so.",
    make: forAnotherAudience,
  },
  {
    name: "One flipped bit",
    hope: "Perhaps nobody looks that closely.",
    lesson: "There is no nearly. One bit or all of them: it does not hold.",
    make: oneBit,
  },
  {
    name: "X-Bulla-Roles: admin",
    hope: "Services read X-Bulla-Roles. So send it, and no token.",
    lesson: "The gateway drops every X-Bulla-… that comes from outside. What counts is the token, and there was none.",
    make: async () => ({ asked: { path: "/api/admin", headers: { "X-Bulla-Roles": "admin" } }, to: "X-Bulla-Roles: admin" }),
  },
];
