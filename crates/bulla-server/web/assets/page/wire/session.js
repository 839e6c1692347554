// Who the reader is: one session for the whole page, in this module's memory. Nothing of it outlives the page.

import { computed, signal } from "../../vendor/preact.js";
import { solveInWorker } from "../../handshake.js";
import { decode } from "../token/jwt.js";
import { accepted, ask } from "./ask.js";

/** @typedef {import("./ask.js").Exchange} Exchange */
/** @typedef {import("./log.js").Log} Log */

/**
 * @typedef {object} Session
 * @property {string} token the access token
 * @property {string | undefined} refresh the refresh token; an anonymous visitor has none
 * @property {string} who what to call them
 * @property {boolean} anonymous
 */

export const session = signal(/** @type {Session | null} */ (null));

/** What the access token says; unverified, as everything that a client reads in it. */
export const claims = computed(() => (session.value ? decode(session.value.token).payload.json : null));

/** The account that this page made up, with its password. */
export const account = signal({ email: `reader-${random(4)}@example.com`, password: `${random(4)} sealed clay tablets` });

/** @param {number} bytes */
function random(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Keeps the session that an answer opened, if it did.
 *
 * @param {Exchange} exchange
 */
export function keep(exchange) {
  const { access_token: token, refresh_token: refresh, user } = exchange.answer ?? {};
  if (accepted(exchange) && token) {
    session.value = { token, refresh, who: user.email ?? user.username ?? user.id, anonymous: !refresh };
  }
  return exchange;
}

/**
 * Makes the account.
 *
 * @param {Log} log
 * @param {number} [expires_in] a shorter life for the access token, in seconds
 */
export async function signUp(log, expires_in) {
  return keep(await log.ask({ path: "/auth/register", body: { ...account.value, expires_in } }));
}

/**
 * Signs in to the account.
 *
 * @param {Log} log
 * @param {number} [expires_in] a shorter life for the access token, in seconds
 */
export async function signIn(log, expires_in) {
  return keep(await log.ask({ path: "/auth/login", body: { ...account.value, expires_in } }));
}

/**
 * Gets an anonymous token: the handshake, in its two requests.
 *
 * @param {Log} log
 * @param {(share: number) => void} onProgress how much of the work is done, from 0 to 1
 */
export async function visit(log, onProgress) {
  const asked = await log.ask({ path: "/auth/challenge" });
  if (!accepted(asked)) return asked;
  const { challenge, puzzles, difficulty } = asked.answer;
  const nonces = await solveInWorker({ challenge, puzzles, difficulty }, undefined, onProgress);
  return keep(await log.ask({ path: "/auth/anonymous", body: { challenge, nonces } }));
}

/**
 * A session of a user: the one there is, or one of a new account that is made without showing it.
 *
 * @returns {Promise<Session | null>} `null` if the server refuses
 */
export async function signedIn() {
  const now = session.value;
  if (now && !now.anonymous) return now;
  const before = await ask({ path: "/auth/login", body: account.value });
  keep(accepted(before) ? before : await ask({ path: "/auth/register", body: account.value }));
  return session.value?.anonymous ? null : session.value;
}
