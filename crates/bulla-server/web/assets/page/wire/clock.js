// What the server's clock says. Its answers tell the second (`Date`): somewhere between question and answer the server's clock
// stood in that second. Each answer narrows down how far it is from this machine's.

import { signal } from "../../vendor/preact.js";

/** The time of this machine, in milliseconds: a clock that nobody sets while the page is open. */
const local = () => performance.timeOrigin + performance.now();

let least = -Infinity;
let most = Infinity;

/** How far the server's clock is ahead of this machine's, in milliseconds. */
export const ahead = signal(0);

/**
 * Learns from an answer.
 *
 * @param {string | null} date the answer's `Date`
 * @param {number} asked when it was asked for, by `performance.now()`
 * @param {number} answered when it came
 */
export function heard(date, asked, answered) {
  const second = Date.parse(date ?? "");
  if (Number.isNaN(second)) return;
  const atLeast = second - (performance.timeOrigin + answered);
  const atMost = second + 1000 - (performance.timeOrigin + asked);
  const fits = atLeast <= most && atMost >= least;
  least = fits ? Math.max(least, atLeast) : atLeast;
  most = fits ? Math.min(most, atMost) : atMost;
  ahead.value = (least + most) / 2;
}

/** What the server's clock says, in milliseconds since 1970. */
export function serverNow() {
  return local() + ahead.value;
}

/** The same, twice a second, for what shows the time. */
export const now = signal(serverNow());
setInterval(() => (now.value = serverNow()), 500);
