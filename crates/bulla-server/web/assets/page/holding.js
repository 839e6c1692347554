// What the reader holds, always in sight: no token, or whose it is and how long it is good, and how its seal is.

import { html } from "../vendor/preact.js";
import { state } from "./envelope.js";
import { now } from "./wire/clock.js";
import { session, standing } from "./wire/reader.js";

const OVER = new Map([["ended", "ended"], ["revoked", "taken back"]]);

export function Holding() {
  const held = session.value;
  if (!held) return html`<a class="pill" href="#get">No token yet</a>`;
  const left = OVER.get(standing.value) ?? clock((held.end - now.value) / 1000);
  return html`<a class="pill" href="#anatomy" data-state=${state}>
    <span class="seal-dot" aria-hidden="true"></span>${held.isAnonymous ? "Anonymous" : "Signed in"}
    <span class="left">${left}</span>
  </a>`;
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
