// Both logins of one account, side by side, and what each of their requests took.

import { signal } from "../../../vendor/preact.js";
import { accepted, ask, field, said } from "../../wire/ask.js";
import { Account, fresh, Session } from "../../wire/session.js";

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

const account = new Account();
/** The stateless one, while there is one. */
let held = /** @type {Session | null} */ (null);

/** What a page of this origin says with every request by cookie that changes something. */
const MEANT = { "X-Bulla-CSRF": "1" };
const BY_COOKIE = /** @type {const} */ ({ cookies: "same-origin", headers: MEANT });

/** Signs the page's account in, both ways. What went wrong; `null`: nothing. */
export async function signIn() {
  const opened = await account.open(ask);
  if (!accepted(opened)) return said(opened);
  const entered = await ask({ path: "/demo/session/login", body: account.credentials, ...BY_COOKIE });
  if (!accepted(entered)) return said(entered);
  held = new Session(opened.answer);
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
  await renew();
  for (let time = 0; time < times; time += 1) {
    for (const side of [cookie, token]) {
      const exchange = await me(side);
      if (exchange.status === 401) side.value = { ...side.value, isIn: false };
      if (!accepted(exchange)) return `${said(exchange)}.${exchange.status === 401 ? " Signed out meanwhile, perhaps in another tab: sign in again." : ""}`;
      note(side, exchange);
    }
  }
  return null;
}

/**
 * Logs out of both, as if somebody had copied their credentials before, and goes on asking until they are refused. What went
 * wrong; `null`: nothing.
 */
export async function logOut() {
  await renew();
  const kept = { path: "/demo/session/logout", body: { keep_cookie: true }, ...BY_COOKIE };
  const left = held?.left ?? null;
  const wrong = (await takeBack(cookie, kept)) ?? (await takeBack(token, { path: "/auth/logout", method: "POST", token: held?.token }));
  if (!wrong) token.value = { ...token.value, left };
  // Without its copy, the browser forgets the cookie.
  await ask({ path: "/demo/session/logout", method: "POST", ...BY_COOKIE });
  return wrong;
}

/** @param {typeof cookie} side */
function me(side) {
  return side === cookie ? ask({ path: "/demo/session/me", ...BY_COOKIE }) : ask({ path: "/demo/token/me", token: held?.token });
}

/** What has ended by itself cannot be taken back. */
async function renew() {
  if (held) held = await fresh(held, ask);
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

/** A server that has answered a logout refuses the next request; more are asked only to see that. */
const TRIES = 50;

/**
 * What went wrong; `null`: it was taken back.
 *
 * @param {typeof cookie} side
 * @param {import("../../wire/ask.js").Asked} logout
 */
async function takeBack(side, logout) {
  const began = performance.now();
  const left = await ask(logout);
  if (!accepted(left)) return `The logout: ${said(left)}. Nothing was taken back.`;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const exchange = await me(side);
    if (accepted(exchange)) continue;
    if (exchange.status !== 401) return said(exchange);
    side.value = { ...side.value, isIn: false, revoked: performance.now() - began, refused: exchange.answer?.code };
    return null;
  }
  return `Accepted ${TRIES} times after the logout.`;
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
