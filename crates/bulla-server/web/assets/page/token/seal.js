// Seals and checks seals with the browser's own cryptography (WebCrypto), for the algorithms that it has.

import { decode, encode, toBase64url } from "./jwt.js";

/** @typedef {JsonWebKey & { kid?: string, alg?: string }} Jwk */
/** @typedef {{ key: RsaHashedKeyGenParams | EcKeyGenParams | HmacKeyGenParams | { name: string }, seal: AlgorithmIdentifier | EcdsaParams | RsaPssParams }} Method */

/** Whether the browser lets the page use it: only over HTTPS, or on this machine. */
export const canSeal = globalThis.crypto?.subtle !== undefined;

const CURVES = { 256: "P-256", 384: "P-384", 512: "P-521" };

/**
 * How WebCrypto calls an algorithm; `null` if it has none of that name.
 *
 * @param {string} algorithm as in a token's header
 * @returns {Method | null}
 */
function method(algorithm) {
  const [, family, bits] = /^(HS|RS|PS|ES)(256|384|512)$/.exec(algorithm) ?? [];
  const hash = `SHA-${bits}`;
  const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash };
  switch (family) {
    case "HS":
      return { key: { name: "HMAC", hash }, seal: "HMAC" };
    case "RS":
      return { key: { name: "RSASSA-PKCS1-v1_5", ...rsa }, seal: "RSASSA-PKCS1-v1_5" };
    case "PS":
      return { key: { name: "RSA-PSS", ...rsa }, seal: { name: "RSA-PSS", saltLength: Number(bits) / 8 } };
    case "ES":
      return {
        key: { name: "ECDSA", namedCurve: CURVES[/** @type {keyof CURVES} */ (Number(bits))] },
        seal: { name: "ECDSA", hash },
      };
    default:
      return ["EdDSA", "Ed25519"].includes(algorithm) ? { key: { name: "Ed25519" }, seal: "Ed25519" } : null;
  }
}

const bytesOf = (/** @type {string} */ text) => new TextEncoder().encode(text);

/**
 * Whether the signature fits the other two parts.
 *
 * @param {string} token
 * @param {Jwk} jwk the public key
 * @returns {Promise<boolean | null>} `null` if the browser cannot tell
 */
export async function holds(token, jwk) {
  const { header, signature } = decode(token);
  const how = method(header.json?.alg ?? "");
  if (!canSeal || !how || !signature.bytes) return null;
  const key = await crypto.subtle.importKey("jwk", jwk, how.key, false, ["verify"]);
  const covered = token.slice(0, token.lastIndexOf("."));
  return crypto.subtle.verify(how.seal, key, signature.bytes, bytesOf(covered));
}

/**
 * A token that somebody else sealed, with a key made for it; for an algorithm that the browser does not have, with any bytes.
 *
 * @param {{ alg: string }} header
 * @param {unknown} payload
 */
export async function sealedByAStranger(header, payload) {
  const covered = `${encode(header)}.${encode(payload)}`;
  return `${covered}.${toBase64url(await anothersSeal(method(header.alg), covered))}`;
}

/**
 * @param {Method | null} how
 * @param {string} covered
 */
async function anothersSeal(how, covered) {
  if (!how) return crypto.getRandomValues(new Uint8Array(64));
  const made = await crypto.subtle.generateKey(how.key, false, ["sign", "verify"]);
  const key = "privateKey" in made ? made.privateKey : made;
  return new Uint8Array(await crypto.subtle.sign(how.seal, key, bytesOf(covered)));
}

/**
 * HMAC-SHA-256 of a text.
 *
 * @param {string} secret
 * @param {string} text
 */
export async function hmac(secret, text) {
  const how = /** @type {Method} */ (method("HS256"));
  const key = await crypto.subtle.importKey("raw", bytesOf(secret), how.key, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign(how.seal, key, bytesOf(text)));
}

/**
 * A public key as most servers keep it, in PEM; `null` if the browser cannot read it.
 *
 * @param {Jwk} jwk
 */
export async function pem(jwk) {
  const how = method(jwk.alg ?? "");
  if (!how) return null;
  const key = await crypto.subtle.importKey("jwk", jwk, how.key, true, ["verify"]);
  const der = new Uint8Array(await crypto.subtle.exportKey("spki", key));
  const text = btoa(String.fromCharCode(...der)).replace(/.{64}/g, "$&\n");
  return `-----BEGIN PUBLIC KEY-----\n${text.trim()}\n-----END PUBLIC KEY-----\n`;
}
