// Takes tokens apart, and puts them together. Nothing here verifies: whoever reads a token without its key believes it.

/**
 * One of the three parts.
 *
 * @typedef {object} Part
 * @property {string} text base64url
 * @property {Uint8Array<ArrayBuffer> | null} bytes `null` if the text is no base64url
 * @property {any} json what the bytes say, if they are a JSON object; else null
 */

/** @typedef {{ header: Part, payload: Part, signature: Part }} Parts */

/**
 * The bytes of a base64url text; `null` if it is none.
 *
 * @param {string} text
 */
export function fromBase64url(text) {
  if (!/^[\w-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/** @param {Uint8Array} bytes */
export function toBase64url(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {unknown} value */
export const encode = (value) => toBase64url(new TextEncoder().encode(JSON.stringify(value)));

/**
 * The parts of a token, as far as they can be read.
 *
 * @param {string} token
 * @returns {Parts}
 */
export function decode(token) {
  const [header = "", payload = "", ...signature] = token.split(".");
  return { header: part(header), payload: part(payload), signature: part(signature.join(".")) };
}

/**
 * @param {string} text
 * @returns {Part}
 */
function part(text) {
  const bytes = fromBase64url(text);
  try {
    const json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes ?? undefined));
    return { text, bytes, json: json instanceof Object && !Array.isArray(json) ? json : null };
  } catch {
    return { text, bytes, json: null };
  }
}

/**
 * Whether it is encrypted (RFC 7516): five parts, of which its holder reads the first.
 *
 * @param {string} token
 */
export const isEncrypted = (token) => token.split(".").length === 5;

/** What looks like a token in a text: three parts, or five if it is encrypted, of which the first is a JSON object. */
export const TOKEN = /eyJ[\w-]*\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?/;
