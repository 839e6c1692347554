// Who the reader is: one session for the whole page, in this module's memory. Nothing of it outlives the page.

import { computed, signal } from "../../vendor/preact.js";
import { solveInWorker } from "../../handshake.js";
import { decode } from "../token/jwt.js";
import { accepted, ask } from "./ask.js";
import { serverNow } from "./clock.js";

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

/** The account that this page made up. */
export const account = signal({ email: `reader-${random(4)}@example.com`, password: `${random(4)} sealed clay tablets` });

/** The address for which there is an account, as far as the page knows. */
let made = "";

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
  noteAccount(exchange);
  const { access_token: token, refresh_token: refresh, user } = exchange.answer ?? {};
  if (accepted(exchange) && token) {
    session.value = { token, refresh, who: user.email ?? user.username ?? user.id, anonymous: !refresh };
  }
  return exchange;
}

/** @param {Exchange} exchange */
function noteAccount({ path, body, status, answer }) {
  const isThere = (path === "/auth/register" && status === 201) || (path === "/auth/login" && status === 200) || answer?.code === "email_taken";
  if (isThere) made = JSON.parse(body ?? "{}").email;
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
 * Opens a session of the account, which is made if there is none.
 *
 * @param {(asked: import("./ask.js").Asked) => Promise<Exchange>} send
 * @param {number} [expires_in] a shorter life for the access token, in seconds
 */
export async function open(send, expires_in) {
  const body = { ...account.value, expires_in };
  if (made !== body.email) {
    const registered = await send({ path: "/auth/register", body });
    noteAccount(registered);
    if (made !== body.email || accepted(registered)) return registered;
  }
  return send({ path: "/auth/login", body });
}

/**
 * A session of a user: the one there is, or a new one that is opened without showing it, unless it is refused.
 *
 * @param {Log} log
 * @returns {Promise<Session | null>} `null` if the server refuses
 */
export async function signedIn(log) {
  const held = session.value;
  const left = (claims.value?.exp ?? 0) - serverNow() / 1000;
  if (held && !held.anonymous && left > 1) return held;
  const opened = keep(await open(ask));
  if (opened.answer?.access_token) return session.value;
  log.add(opened);
  return null;
}
