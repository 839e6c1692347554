// Lab: the ladder that a misbehaving address climbs. The address is pretended, the rules are the gateway's own.

import { html, signal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Workbench } from "../panes/workbench.js";
import { accepted, ask, said } from "../wire/ask.js";

/** @typedef {{ offence: string, times: number } | { wait: number }} Event */
/** @typedef {{ second: number, score: number, rung: string | null, ends_in: number | null, answer: string }} Stand */

const ADDRESS = "203.0.113.7";
/** The highest first, as a ladder stands. */
const RUNGS = [
  ["24h", "24 hours", "Dropped before TLS"],
  ["4h", "4 hours", "Dropped before TLS"],
  ["30m", "30 minutes", "403 address_banned; sessions go on"],
  ["5m", "5 minutes", "403 address_banned; sessions go on"],
  ["1m", "1 minute", "403 address_banned; sessions go on"],
  ["challenge", "Challenged", "A good token, or 401 challenge_required"],
  [null, "Good standing", "Nothing is asked of it"],
];
const ANSWERS = /** @type {Record<string, string>} */ ({
  as_usual: "It is answered like any other.",
  challenge_required: "Without a good token: 401 challenge_required.",
  address_banned: "Refused: 403 address_banned.",
  connection_dropped: "Its connections are dropped before TLS.",
});
/** Where the scale of scores ends. */
const MOST = 400;

const story = signal(/** @type {Event[]} */ ([]));
const course = signal(/** @type {Stand[]} */ ([]));
const failed = signal("");

export default function Abuse() {
  const stand = course.value.at(-1);
  const told = failed.value || (stand && `Score ${stand.score}. ${ANSWERS[stand.answer]}`);
  return html`<${Workbench} title=${`What becomes of ${ADDRESS}`} told=${told} shown=${html`<${Ladder} stand=${stand} />`}>
    <ol class="steps">
      <li>
        <h4>Let bad things come</h4>
        <p class="actions">
          <${Action} quiet act=${add({ offence: "forged_token", times: 30 })}>30 forged tokens<//>
          <${Action} quiet act=${add({ offence: "failed_login", times: 20 })}>20 failed logins<//>
          <${Action} act=${add({ offence: "malformed_request", times: 400 })}>400 malformed requests<//>
        </p>
      </li>
      <li>
        <h4>Let time go by</h4>
        <p>About one offence a second is forgotten. A ban is remembered longer than it lasts: the next one is longer.</p>
        <p class="actions">
          <${Action} quiet act=${add({ wait: 60 })}>A minute<//>
          <${Action} quiet act=${add({ wait: 1800 })}>Half an hour<//>
          <${Action} quiet act=${add({ wait: 86_400 })}>A day<//>
        </p>
      </li>
      <li>
        <h4>Begin again</h4>
        <p class="actions"><${Action} quiet act=${clear} disabled=${story.value.length === 0}>A clean address<//></p>
      </li>
    </ol>
  <//>`;
}

/** @param {{ stand: Stand | undefined }} properties */
function Ladder({ stand }) {
  const score = stand?.score ?? 0;
  return html`<div class="score">
      <p><b>${score}</b> counted against it${stand && stand.second > 0 ? `, ${span(stand.second)} after the first` : ""}</p>
      <div class="gauge" aria-hidden="true"><span class="filled" style=${{ width: `${(100 * Math.min(score, MOST)) / MOST}%` }}></span><span class="mark challenged">60</span><span class="mark banned">400</span></div>
    </div>
    <ol class="ladder">
      ${RUNGS.map(([rung, name, means]) => {
        const isHere = (stand?.rung ?? null) === rung;
        const left = stand?.ends_in ?? null;
        return html`<li data-here=${isHere} aria-current=${isHere ? "true" : undefined}>
          <b>${name}</b><span>${means}</span>${isHere && html`<em>${left === null ? "here" : `ends in ${span(left)}`}</em>`}
        </li>`;
      })}
    </ol>
    <details class="story"><summary>What came, and where it led</summary>
      <ol>${course.value.map((after, index) => html`<li>${happened(story.value[index])}: <b>${after.rung ?? "good standing"}</b>, score ${after.score}</li>`)}</ol>
    </details>`;
}

/** One after the other: each goes on from where the one before it led. */
let turn = Promise.resolve();

/** @param {Event} event */
const add = (event) => () => (turn = turn.then(() => happen(event)));

/** @param {Event} event */
async function happen(event) {
  const events = [...story.value, event];
  const exchange = await ask({ path: "/demo/abuse", body: { address: ADDRESS, events } });
  failed.value = accepted(exchange) ? "" : said(exchange);
  if (!accepted(exchange)) return;
  story.value = events;
  course.value = exchange.answer.course;
}

async function clear() {
  story.value = [];
  course.value = [];
  failed.value = "";
}

/** @param {Event | undefined} event */
function happened(event) {
  if (!event) return "";
  return "wait" in event ? `${span(event.wait)} went by` : `${event.times} × ${event.offence.replace("_", " ")}`;
}

/** @param {number} seconds */
function span(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h${minutes > 0 ? ` ${minutes} min` : ""}`;
  return minutes > 0 ? `${minutes} min${seconds % 60 > 0 ? ` ${seconds % 60} s` : ""}` : `${seconds} s`;
}
