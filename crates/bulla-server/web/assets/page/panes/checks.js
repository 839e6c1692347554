// The pane of what the server checked.

import { html } from "../../vendor/preact.js";
import { judge } from "../checks.js";
import { accepted } from "../wire/ask.js";

/** @typedef {import("../wire/ask.js").Exchange} Exchange */
/** @typedef {import("../checks.js").Place} Place */

const SAID = { passed: "passed", failed: "failed", unreached: "not reached" };

/** @param {{ exchange: Exchange | undefined, empty: string }} properties */
export function ChecksPane({ exchange, empty }) {
  const judged = exchange && judge(exchange);
  return html`<section class="pane checked" aria-label="What the server checked">
    <header class="pane-head"><h3>What the server checked</h3></header>
    ${!exchange && html`<p class="nothing">${empty}</p>`}
    ${exchange && !judged && html`<p class="nothing">${untold(exchange)}</p>`}
    ${judged &&
    exchange &&
    html`<div class="list" tabindex="0" role="group" aria-label="Checks"><${Journey} reached=${judged.reached} last=${judged.groups.at(-1)?.place ?? "gateway"} accepted=${accepted(exchange)} />
      ${judged.groups.map(
        ({ title, checks }) => html`<h4>${title}</h4>
          <ol class="checks">${checks.map(
            ({ title, asks, outcome }) => html`<li data-outcome=${outcome}>
              <span class="mark" aria-hidden="true"></span><b>${title}</b> <span class="asks">${asks}</span>
              <span class="hidden">: ${SAID[outcome]}</span>
              ${outcome === "failed" && html`<p class="because">${exchange.answer.detail}</p>`}
            </li>`,
          )}</ol>`,
      )}
      <p class="derived">${
        accepted(exchange)
          ? "It was accepted, so every check passed."
          : html`The server named the check that failed: <code>${exchange.answer.code}</code>. Its order is fixed, so those above it passed.`
      }</p></div>`}
  </section>`;
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
  const said = accepted ? `The request reached the ${last}.` : `The request was turned back at the ${reached}.`;
  return html`<p class="hidden">${said}</p>
    <ol class="journey" aria-hidden="true" data-accepted=${accepted}>
      ${stops.map((stop, index) => html`<li data-reached=${index <= end} data-end=${index === end}>${stop}</li>`)}
    </ol>`;
}
