// Who the reader is: one session for the whole page. What labs and chapter 4 do to sessions, they do to others.

import { computed, effect, signal } from "../../vendor/preact.js";
import { solveInWorker } from "../../handshake.js";
import { accepted, ask, latest } from "./ask.js";
import { now } from "./clock.js";
import { Account, fresh, sessionOf } from "./session.js";

/** @typedef {import("./ask.js").Exchange} Exchange */
/** @typedef {import("./log.js").Log} Log */
/** @typedef {import("./session.js").Session} Session */

/**
 * `ended`: the token's time is over; `revoked`: the server has said that it does not take it any more.
 *
 * @typedef {"nobody" | "visitor" | "user" | "ended" | "revoked"} Standing
 */

const account = new Account();
const gone = signal("");

/** What the reader holds, whatever it is worth. */
export const session = signal(/** @type {Session | null} */ (null));

/** @type {import("../../vendor/preact.js").ReadonlySignal<Standing>} */
export const standing = computed(() => {
  const held = session.value;
  if (!held) return "nobody";
  if (gone.value === held.token) return "revoked";
  if (held.end <= now.value) return "ended";
  return held.isAnonymous ? "visitor" : "user";
});

/** What a server says of a token that it took back, or that is of a server before it. */
const GONE = new Set(["token_revoked", "token_key_unknown", "token_signature_invalid"]);
effect(() => {
  const { token, body, answer } = latest.value ?? {};
  const held = session.peek()?.token;
  if (held && GONE.has(answer?.code) && (token === held || body?.includes(held))) gone.value = held;
});

/**
 * Keeps the session that an answer opened, if it did.
 *
 * @param {Exchange} exchange
 */
function keep(exchange) {
  account.note(exchange);
  session.value = sessionOf(exchange) ?? session.value;
  return exchange;
}

/** The credentials that the page made up for the reader. */
export const suggested = account.credentials;

/**
 * Signs up or in with what the reader typed.
 *
 * @param {Log} log
 * @param {"/auth/register" | "/auth/login"} path
 * @param {{ email: string, password: string }} body
 */
export async function enter(log, path, body) {
  return keep(await log.ask({ path, body }));
}

/**
 * Gets an anonymous token: the handshake, in its two requests.
 *
 * @param {Log} log
 * @param {(share: number) => void} [onProgress] how much of the work is done, from 0 to 1
 */
export async function visit(log, onProgress) {
  const asked = await log.ask({ path: "/auth/challenge" });
  if (!accepted(asked)) return asked;
  const { challenge, puzzles, difficulty } = asked.answer;
  const nonces = await solveInWorker({ challenge, puzzles, difficulty }, undefined, onProgress);
  return keep(await log.ask({ path: "/auth/anonymous", body: { challenge, nonces } }));
}

/**
 * The reader as a user: the session that there is, renewed if need be, or a new one. That is shown only if it is refused.
 *
 * @param {Log} log
 * @returns {Promise<Session | null>} `null` if the server refuses
 */
export async function signedIn(log) {
  const held = session.value;
  if (held && !held.isAnonymous && standing.value !== "revoked") {
    session.value = await fresh(held, ask);
    if (session.value.left > 0) return session.value;
  }
  const opened = keep(await account.open(ask));
  if (accepted(opened)) return session.value;
  log.add(opened);
  return null;
}
