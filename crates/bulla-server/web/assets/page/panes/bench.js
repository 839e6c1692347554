// The three panes of a chapter: do it, the HTTP exchange, what the server checked.

import { html } from "../../vendor/preact.js";
import { accepted, said } from "../wire/ask.js";
import { ChecksPane } from "./checks.js";
import { ExchangePane } from "./exchange.js";

/** @typedef {import("../wire/log.js").Log} Log */
/** @typedef {import("../wire/ask.js").Exchange} Exchange */

/**
 * @param {object} properties
 * @param {Log} properties.log what the panes show
 * @param {unknown} properties.children what can be done
 * @param {unknown} [properties.stage] what is above the panes, as wide as all three
 * @param {unknown} [properties.also] what the third pane says besides
 * @param {string} [properties.wire] what the second pane says before there is anything to see
 * @param {string} [properties.checked] what the third pane says then
 */
export function Bench({ log, children, stage, also, wire = "Nothing was sent yet.", checked = "Nothing was checked yet." }) {
  return html`<div class="card">
    ${stage && html`<div class="stage">${stage}</div>`}
    <div class="panes">
      <div class="pane do" role="group" aria-label="Do it">
        <header class="pane-head"><h3>Do it</h3></header>
        ${children}
        <${Verdict} exchange=${log.current.value} />
      </div>
      <${ExchangePane} log=${log} empty=${wire} />
      <${ChecksPane} exchange=${log.current.value} empty=${checked} also=${also} />
    </div>
  </div>`;
}

/**
 * The answer in one line; told to who listens.
 *
 * @param {{ exchange: Exchange | undefined }} properties
 */
function Verdict({ exchange }) {
  return html`<p class="verdict" role="status" data-accepted=${exchange && String(accepted(exchange))}>
    ${exchange && html`<b>${said(exchange)}</b> <span>${exchange.method} ${exchange.path}</span>`}
  </p>`;
}
