// A request a second with one token, until it ends: each is a beat.

import { signal } from "../../../vendor/preact.js";
import { accepted } from "../../wire/ask.js";
import { serverNow } from "../../wire/clock.js";
import { begin, pause, shown } from "./life.js";

/** @typedef {import("./life.js").Life} Life */
/** @typedef {import("../../wire/ask.js").Exchange} Exchange */
/** @typedef {{ kind: "accepted" | "refused" | "refreshed" | "none", sign: string }} Beat `none`: the answer says nothing of the token */

/** How many seconds an access token of the countdown is good. */
export const SECONDS = 10;

export const beats = signal(/** @type {Beat[]} */ ([]));
/** Whether the token is renewed before it ends. */
export const silently = signal(false);
/** The countdown that runs; another one is another object, so that one which was stopped never goes on. */
export const running = signal(/** @type {object | null} */ (null));

/** How long before the end a silent refresh comes. */
const BEFORE = 2000;
/** How long after a second has begun a beat comes: later than the server's clock may be from what the page knows of it. */
const INTO = 150;
/** Then it has been seen enough. */
const MOST = 36;

export function stop() {
  running.value = null;
}

/** Lets it beat until the token is refused, or the reader stops it. */
export async function beat() {
  const mine = {};
  running.value = mine;
  beats.value = [];
  const life = await begin(SECONDS);
  // Another step that shows its session ends it too.
  const goesOn = () => running.value === mine && shown.value === life && beats.value.length < MOST;
  while (life) {
    await pause(1000 - (serverNow() % 1000) + INTO);
    if (!goesOn()) break;
    if (silently.value && life.end.value - serverNow() <= BEFORE && accepted(await life.refresh())) add({ kind: "refreshed", sign: "new" });
    const exchange = await life.profile();
    if (goesOn()) add(beatOf(exchange));
    if (exchange.status === 401) break;
  }
  if (running.value === mine) stop();
}

/**
 * @param {Exchange} exchange
 * @returns {Beat}
 */
function beatOf(exchange) {
  if (accepted(exchange)) return { kind: "accepted", sign: String(exchange.status) };
  return { kind: exchange.status === 401 ? "refused" : "none", sign: String(exchange.status || "–") };
}

/** @param {Beat} beat */
function add(beat) {
  beats.value = [...beats.value, beat];
}
