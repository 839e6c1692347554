// The pane of what the server checked.

import { html } from "../../vendor/preact.js";
import { judge } from "../checks.js";
import { accepted } from "../wire/ask.js";

/** @typedef {import("../wire/ask.js").Exchange} Exchange */
/** @typedef {import("../checks.js").Outcome} Outcome */
/** @typedef {import("../checks.js").Place} Place */

const SAID = { passed: "passed", failed: "failed", unreached: "not reached" };

/** @param {{ exchange: Exchange | undefined, empty: string, also?: unknown }} properties */
export function ChecksPane({ exchange, empty, also }) {
  return html`<div class="pane checked" role="group" aria-label="What the server checked">
    <header class="pane-head"><h3>What the server checked</h3></header>
    <div class="list" role="group" aria-label="Checks">
      ${exchange ? html`<${Judged} key=${exchange.at} exchange=${exchange} />` : !also && html`<p class="nothing">${empty}</p>`}
      ${also}
    </div>
  </div>`;
}

/** @param {{ exchange: Exchange }} properties */
function Judged({ exchange }) {
  const judged = judge(exchange);
  if (!judged) return html`<p class="nothing">${untold(exchange)}</p>`;
  const { groups, reached } = judged;
  const last = groups.at(-1)?.place ?? "gateway";
  const all = groups.flatMap(({ checks }) => checks);
  return html`<${Journey} reached=${reached} last=${last} accepted=${accepted(exchange)} />
    ${groups.map(
      ({ title, checks }) => checks.length > 0 && html`<h4>${title}</h4>
        <ol class="checks">${checks.map((check) => html`<${Checked} ...${check} order=${all.indexOf(check)} because=${exchange.answer?.detail} />`)}</ol>`,
    )}
    <p class="derived">${
      accepted(exchange)
        ? "It was accepted, so every check passed."
        : html`The server named the check that failed: <code>${exchange.answer.code}</code>. Its order is fixed, so those above it passed.`
    }</p>`;
}

/**
 * One check and what became of it, as an item of a list.
 *
 * @param {{ title: string, asks: string, outcome: Outcome, order?: number, because?: string }} properties
 */
export function Checked({ title, asks, outcome, order = 0, because }) {
  return html`<li data-outcome=${outcome} style=${{ "--order": order }}>
    <span class="mark" aria-hidden="true"></span><b>${title}</b> <span class="asks">${asks}</span>
    <span class="hidden"> ${SAID[outcome]}</span>
    ${outcome === "failed" && because && html`<p class="because">${because}</p>`}
  </li>`;
}

/** @param {Exchange} exchange */
function untold({ status, answer }) {
  return status === 0 ? "There was no answer." : `Its answer tells of none of these checks: ${answer?.code ?? status}.`;
}

/**
 * How far the request came.
 *
 * @param {{ reached: Place, last: Place, accepted: boolean }} properties
 */
function Journey({ reached, last, accepted }) {
  const stops = ["you", "gateway", ...(last === "gateway" ? [] : [last])];
  const end = stops.indexOf(reached);
  return html`<p class="hidden">${accepted ? `The request reached the ${last}.` : `The request was turned back at the ${reached}.`}</p>
    <ol class="journey" aria-hidden="true" data-accepted=${accepted}>
      ${stops.map((stop, index) => html`<li data-reached=${index <= end} data-end=${index === end}>${stop}</li>`)}
    </ol>`;
}
