// What is above the panes of chapter 4: the countdown with its beats, and the generations of the refresh token.

import { html, useEffect, useSignal } from "../../../vendor/preact.js";
import { serverNow } from "../../wire/clock.js";
import { beats } from "./beats.js";
import { end, generation, here, refused, SECONDS } from "./here.js";
import { copy, settled } from "./thief.js";

const SIGNS = { accepted: "200", refused: "401", refreshed: "new" };

export function Stage() {
  return html`<div class="ending">
    <${Countdown} />
    <div class="ending-side">
      <h3>One request a second</h3>
      <${Beats} />
      <h3>Refresh tokens</h3>
      <${Generations} />
    </div>
  </div>`;
}

function Countdown() {
  const now = useSignal(serverNow());
  useEffect(() => {
    const timer = setInterval(() => (now.value = serverNow()), 100);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, (end.value - now.value) / 1000);
  const share = Math.min(1, left / SECONDS);
  const isOver = left === 0 || refused.value !== null;
  const state = end.value === 0 ? "none" : isOver ? "over" : "good";
  const says = { none: "no token", good: "seconds left", over: refused.value === "token_revoked" ? "taken back" : "it has ended" }[state];
  return html`<div class="countdown" data-state=${state}>
    <svg viewBox="0 0 120 120" aria-hidden="true">
      <circle cx="60" cy="60" r="52" />
      <circle class="left" cx="60" cy="60" r="52" pathLength="1" stroke-dasharray="1" stroke-dashoffset=${1 - share} />
    </svg>
    <p class="seconds" role="timer" aria-label="Seconds left">${state === "none" ? "–" : left.toFixed(1)}</p>
    <p class="when">${says}</p>
    <p class="server">Server time ${new Date(now.value).toISOString().slice(11, 19)}${end.value > 0 && html`<br />Ends at ${new Date(end.value).toISOString().slice(11, 19)}`}</p>
  </div>`;
}

function Beats() {
  if (beats.value.length === 0) return html`<p class="nothing">Start the countdown: each answer is a mark here.</p>`;
  return html`<ol class="beats">${beats.value.map(({ kind }) => html`<li data-kind=${kind}>${SIGNS[kind]}</li>`)}</ol>`;
}

function Generations() {
  const newest = here.value ? generation(here.value.refresh) : 0;
  if (newest === 0) return html`<p class="nothing">Each has a number, its generation.</p>`;
  const copied = copy.value ? generation(copy.value) : 0;
  const first = Math.max(1, Math.min(newest - 5, copied || newest));
  const shown = Array.from({ length: newest - first + 1 }, (_, index) => first + index);
  return html`<ol class="generations">${shown.map((number) => {
    const says = [number === newest && "newest", number === settled.value && "settled", number === copied && "copied"].filter(Boolean);
    return html`<li data-good=${number === newest || number === settled.value} data-copied=${number === copied}>
      <b>${number}</b> <span>${says.join(", ") || "old"}</span>
    </li>`;
  })}</ol>
  <p class="rule">Two are good: the newest, and the settled one, which its owner has certainly had. Anything older is a copy.</p>`;
}
