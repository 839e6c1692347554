// A request a second with one token, as long as it is good: each is a beat.

import { signal } from "../../../vendor/preact.js";
import { accepted } from "../../wire/ask.js";
import { serverNow } from "../../wire/clock.js";
import { end, here, keep, opened, pause, profile, refresh } from "./here.js";

/** @typedef {{ kind: "accepted" | "refused" | "refreshed", second: number }} Beat */

export const beats = signal(/** @type {Beat[]} */ ([]));
export const beating = signal(false);
/** Whether the token is renewed before it ends. */
export const silently = signal(false);

/** How long before the end a silent refresh comes. */
const BEFORE = 2000;
/** How long after a second has begun a beat comes: later than the server's clock may be from what the page knows of it. */
const INTO = 150;
/** Then it has been seen enough. */
const MOST = 36;

/** Lets it beat until the token ends, or the reader stops it. */
export async function beat() {
  if (beating.value) return;
  beating.value = true;
  beats.value = [];
  if (accepted(await opened())) {
    while (beating.value && beats.value.length < MOST && (await once()));
  }
  beating.value = false;
}

/** @returns {Promise<boolean>} whether there is more to come */
async function once() {
  await pause(1000 - (serverNow() % 1000) + INTO);
  if (!beating.value || !here.value) return false;
  if (silently.value && end.value - serverNow() <= BEFORE) {
    if (!accepted(keep(await refresh(here.value.refresh)))) return false;
    add("refreshed");
  }
  const isGood = accepted(await profile());
  add(isGood ? "accepted" : "refused");
  return isGood;
}

/** @param {Beat["kind"]} kind */
function add(kind) {
  beats.value = [...beats.value, { kind, second: Math.round((end.value - serverNow()) / 1000) }];
}
