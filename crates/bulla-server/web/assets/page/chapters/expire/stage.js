// What is above the panes of chapter 4: the countdown with its beats, and the generations of the refresh token.

import { html, useEffect, useSignal } from "../../../vendor/preact.js";
import { serverNow } from "../../wire/clock.js";
import { beats } from "./beats.js";
import { shown } from "./life.js";

/** @typedef {import("./life.js").Life} Life */

export function Stage() {
  const life = shown.value;
  return html`<div class="ending">
    <${Countdown} life=${life} />
    <div class="ending-side">
      <h3>One request a second</h3>
      <${Beats} />
      <h3>Refresh tokens</h3>
      ${life ? html`<${Generations} life=${life} />` : html`<p class="nothing">Each has a number, its generation.</p>`}
    </div>
  </div>`;
}

/** @param {{ life: Life | null }} properties */
function Countdown({ life }) {
  const now = useSignal(serverNow());
  useEffect(() => {
    const timer = setInterval(() => (now.value = serverNow()), 100);
    return () => clearInterval(timer);
  }, []);
  const left = life ? Math.max(0, (life.end.value - now.value) / 1000) : 0;
  const isRevoked = life?.refused.value === "token_revoked";
  const state = !life ? "none" : left === 0 || life.refused.value ? "over" : "good";
  const says = { none: "no token", good: "seconds left", over: isRevoked ? "taken back" : "it has ended" }[state];
  return html`<div class="countdown" data-state=${state}>
    <svg viewBox="0 0 120 120" aria-hidden="true">
      <circle cx="60" cy="60" r="52" />
      <circle class="left" cx="60" cy="60" r="52" pathLength="1" stroke-dasharray="1" stroke-dashoffset=${1 - (life ? Math.min(1, left / life.seconds) : 0)} />
    </svg>
    <p class="seconds" role="timer" aria-label="Seconds left">${life ? left.toFixed(1) : "–"}</p>
    <p class="when">${says}</p>
    <p class="server">Server time ${time(now.value)}${life && html`<br />Ends at ${time(life.end.value)}`}</p>
  </div>`;
}

/** @param {number} milliseconds */
const time = (milliseconds) => new Date(milliseconds).toISOString().slice(11, 19);

function Beats() {
  if (beats.value.length === 0) return html`<p class="nothing">Start the countdown: each answer is a mark here.</p>`;
  return html`<ol class="beats">${beats.value.map(({ kind, sign }) => html`<li data-kind=${kind}>${sign}</li>`)}</ol>`;
}

/** How many are shown, counted from the newest. */
const SHOWN = 6;

/** @param {{ life: Life }} properties */
function Generations({ life }) {
  const [newest, settled, stolen, over] = [life.newest.value, life.settled.value, life.stolen.value, life.over.value];
  const first = Math.max(1, Math.min(newest - SHOWN + 1, stolen || newest));
  const numbers = Array.from({ length: newest - first + 1 }, (_, index) => first + index);
  return html`<ol class="generations" data-over=${over !== ""}>${numbers.map((number) => {
    const isGood = !over && (number === newest || number === settled);
    const says = [number === newest && "newest", number === settled && "settled", number === stolen && "copied"].filter(Boolean);
    return html`<li data-good=${isGood} data-copied=${number === stolen}>
      <b>${number}</b> <span>${over ? "dead" : says.join(", ") || "old"}</span>
    </li>`;
  })}</ol>
  <p class="rule">${
    over
      ? html`The session is over: <code>${over}</code>. None of its tokens is good any more, whoever has them.`
      : settled
        ? "Two are good: the newest, and the settled one, which its owner has certainly had. Anything older is a copy."
        : "The newest is good. Exchanged for the next, it is settled, and stays good until that one is settled too."
  }</p>`;
}
