// The two panes of a lab: what can be done, and what came of it.

import { html } from "../../vendor/preact.js";

/**
 * @param {object} properties
 * @param {unknown} properties.children what can be done
 * @param {unknown} properties.shown what came of it
 * @param {string} properties.title what the second pane shows
 * @param {unknown} [properties.told] the last thing that happened, for who listens too
 */
export function Workbench({ children, shown, title, told }) {
  return html`<div class="card">
    <div class="workbench">
      <div class="pane do" role="group" aria-label="Do it">
        <header class="pane-head"><h3>Do it</h3></header>
        ${children}
        <p class="verdict" role="status">${told}</p>
      </div>
      <div class="pane shown" role="group" aria-label=${title}>
        <header class="pane-head"><h3>${title}</h3></header>
        ${shown}
      </div>
    </div>
  </div>`;
}
