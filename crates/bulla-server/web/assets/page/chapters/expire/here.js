// Chapter 4 has a session of its own, so that what is done to it leaves the reader's alone.

import { computed, signal } from "../../../vendor/preact.js";
import { decode, fromBase64url } from "../../token/jwt.js";
import { accepted } from "../../wire/ask.js";
import { Log } from "../../wire/log.js";
import { open } from "../../wire/session.js";

/** @typedef {import("../../wire/ask.js").Exchange} Exchange */
/** @typedef {{ token: string, refresh: string }} Here */

export const log = new Log();
export const here = signal(/** @type {Here | null} */ (null));

/** When the access token ends, in milliseconds since 1970; 0: there is none. */
export const end = computed(() => (here.value ? Number(decode(here.value.token).payload.json?.exp ?? 0) * 1000 : 0));

/** The code with which the access token was refused, if it was. */
export const refused = signal(/** @type {string | null} */ (null));

/** How many seconds an access token of this chapter is good. */
export const SECONDS = 10;

/** @param {Exchange} exchange */
export function keep(exchange) {
  const { access_token: token, refresh_token: refresh } = exchange.answer ?? {};
  if (accepted(exchange) && token && refresh) {
    here.value = { token, refresh };
    refused.value = null;
  }
  return exchange;
}

/**
 * Opens a session, with an access token that is good for so long.
 *
 * @param {number} [seconds]
 */
export async function opened(seconds = SECONDS) {
  return keep(await open((asked) => log.ask(asked), seconds));
}

/**
 * Exchanges a refresh token.
 *
 * @param {string} token
 */
export function refresh(token) {
  return log.ask({ path: "/auth/refresh", body: { refresh_token: token, expires_in: SECONDS } });
}

/** Asks who one is, by the access token. */
export async function profile() {
  const exchange = await log.ask({ path: "/api/profile", token: here.value?.token });
  refused.value = accepted(exchange) ? null : exchange.answer?.code;
  return exchange;
}

/**
 * Which generation of its session a refresh token is: `brt_`, then in base64url the key's version (4 bytes), the session (16), the
 * generation (8) and a MAC.
 *
 * @param {string} token
 */
export function generation(token) {
  const bytes = fromBase64url(token.slice("brt_".length));
  return bytes && bytes.length >= 28 ? Number(new DataView(bytes.buffer).getBigUint64(20)) : 0;
}

/** @param {number} milliseconds */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
