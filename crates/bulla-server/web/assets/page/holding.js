// What the reader holds, always in sight: no token, or whose it is and how long it is good.

import { html, useEffect, useSignal } from "../vendor/preact.js";
import { serverNow } from "./wire/clock.js";
import { claims, session } from "./wire/session.js";

export function Holding() {
  const now = useSignal(serverNow());
  useEffect(() => {
    const timer = setInterval(() => (now.value = serverNow()), 500);
    return () => clearInterval(timer);
  }, []);
  const held = session.value;
  if (!held) return html`<a class="pill" href="#get">No token yet</a>`;
  const left = (claims.value?.exp ?? 0) - now.value / 1000;
  return html`<a class="pill" href="#anatomy" data-ended=${left <= 0}>
    <span class="seal-dot" aria-hidden="true"></span>${held.anonymous ? "Anonymous" : "Signed in"}
    <span class="left">${left > 0 ? clock(left) : "ended"}</span>
  </a>`;
}

/** @param {number} seconds */
function clock(seconds) {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
