// Both logins of one account, side by side, and what each of their requests took.

import { signal } from "../../../vendor/preact.js";
import { decode } from "../../token/jwt.js";
import { accepted, ask, field } from "../../wire/ask.js";
import { serverNow } from "../../wire/clock.js";
import { account, open } from "../../wire/session.js";

/** @typedef {import("../../wire/ask.js").Exchange} Exchange */

/**
 * What is known of one of the two.
 *
 * @typedef {object} Side
 * @property {boolean} isIn
 * @property {number | null} bytes that its credential has in each request
 * @property {number} requests
 * @property {number} lookups
 * @property {number[]} server milliseconds that the check of a request took there
 * @property {number[]} roundTrip milliseconds from the question to the answer
 * @property {number | null} first milliseconds that only the first request of a token takes
 * @property {number | null} revoked milliseconds from the logout to the first refusal
 * @property {string | null} refused with which code
 * @property {number | null} left seconds for which it would have been good by itself
 */

/** @returns {Side} */
const nothing = () => ({ isIn: false, bytes: null, requests: 0, lookups: 0, server: [], roundTrip: [], first: null, revoked: null, refused: null, left: null });

export const cookie = signal(nothing());
export const token = signal(nothing());

/** The access token, while there is one. */
let held = "";

/** What a page of this origin says with every request by cookie that changes something. */
const MEANT = { "X-Bulla-CSRF": "1" };
const BY_COOKIE = /** @type {const} */ ({ cookies: "same-origin", headers: MEANT });

/** Signs the page's account in, both ways. What went wrong; `null`: nothing. */
export async function signIn() {
  const opened = await open(ask);
  if (!accepted(opened)) return told(opened);
  const entered = await ask({ path: "/demo/session/login", body: account.value, ...BY_COOKIE });
  if (!accepted(entered)) return told(entered);
  held = opened.answer.access_token;
  cookie.value = { ...nothing(), isIn: true };
  token.value = { ...nothing(), isIn: true };
  return null;
}

/**
 * Asks both who one is, in turns.
 *
 * @param {number} times
 */
export async function measure(times) {
  for (let time = 0; time < times; time += 1) {
    for (const side of [cookie, token]) {
      const exchange = await me(side);
      if (!accepted(exchange)) return told(exchange);
      note(side, exchange);
    }
  }
  return null;
}

/** Logs out of both, as if somebody had copied their credentials before, and goes on asking until they are refused. */
export async function logOut() {
  const began = performance.now();
  await ask({ path: "/demo/session/logout", body: { keep_cookie: true }, ...BY_COOKIE });
  await untilRefused(cookie, began);
  // Now without its copy.
  await ask({ path: "/demo/session/logout", method: "POST", ...BY_COOKIE });
  const then = performance.now();
  token.value = { ...token.value, left: (decode(held).payload.json?.exp ?? 0) - serverNow() / 1000 };
  await ask({ path: "/auth/logout", method: "POST", token: held });
  await untilRefused(token, then);
}

/** @param {typeof cookie} side */
function me(side) {
  return side === cookie ? ask({ path: "/demo/session/me", ...BY_COOKIE }) : ask({ path: "/demo/token/me", token: held });
}

/**
 * @param {typeof cookie} side
 * @param {Exchange} exchange
 */
function note(side, exchange) {
  const { lookups, credential_bytes: bytes } = exchange.answer.cost;
  const known = side.value;
  side.value = {
    ...known,
    bytes,
    requests: known.requests + 1,
    lookups: known.lookups + lookups,
    server: [...known.server, span(exchange, "check") ?? 0],
    roundTrip: [...known.roundTrip, exchange.milliseconds],
    first: known.first ?? span(exchange, "signature"),
  };
}

/**
 * @param {typeof cookie} side
 * @param {number} began
 */
async function untilRefused(side, began) {
  for (;;) {
    const exchange = await me(side);
    if (accepted(exchange)) continue;
    side.value = { ...side.value, isIn: false, revoked: performance.now() - began, refused: exchange.answer?.code ?? told(exchange) };
    return;
  }
}

/**
 * How long something took at the server, as `Server-Timing` tells.
 *
 * @param {Exchange} exchange
 * @param {string} name
 */
function span(exchange, name) {
  const found = new RegExp(`(?:^|, )${name};dur=([\\d.]+)`).exec(field(exchange, "server-timing") ?? "");
  return found ? Number(found[1]) : null;
}

/** @param {Exchange} exchange */
const told = ({ status, answer, reason }) => String(answer?.detail ?? (status || reason));
