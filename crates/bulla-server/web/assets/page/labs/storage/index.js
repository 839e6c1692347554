// Lab: where to keep it.

import { html, useSignal } from "../../../vendor/preact.js";
import { Action } from "../../panes/action.js";
import { Workbench } from "../../panes/workbench.js";
import { atHome, clear, inPage, isKept, keepEach, neighbour, sendAsNeighbour, smuggle, taken } from "./places.js";
import { smuggled } from "./smuggled.js";

/** @typedef {import("./places.js").Row} Row */
/** @typedef {import("./places.js").Place} Place */

const PLACES = /** @type {Place[]} */ (["storage", "variable", "cookie"]);

export default function Storage() {
  const told = useSignal("");
  const act = (/** @type {() => Promise<string | null | void>} */ work, /** @type {string} */ done) => async () => {
    told.value = (await work()) ?? done;
  };
  const isOut = !isKept.value;
  return html`<${Workbench} title="What becomes of it" told=${told.value} shown=${html`<${Outcomes} />`}>
    <ol class="steps">
      <li>
        <h4>Keep a token in each place</h4>
        <p>Three sessions of your throwaway account.</p>
        <p class="actions"><${Action} act=${act(keepEach, "One in each.")}>Keep them<//></p>
      </li>
      <li>
        <h4>Smuggle a script in (XSS)</h4>
        <p>It runs in this page, takes what it finds, and uses it.</p>
        <details><summary>The script</summary><pre tabindex="0"><code>${String(smuggled)}</code></pre></details>
        <p class="actions"><${Action} act=${act(smuggle, "The script ran.")} disabled=${isOut}>Run it<//></p>
      </li>
      <li>
        <h4>Send as a neighbour (CSRF)</h4>
        <p>What another site sends comes without the cookie: it is SameSite. A neighbour, on another subdomain or port, counts as the same site: its form brings the cookie, and no header. This page plays it.</p>
        <p class="actions"><${Action} act=${act(sendAsNeighbour, "The requests were sent.")} disabled=${isOut}>Send it<//></p>
      </li>
      <li>
        <h4>Clear up</h4>
        <p class="actions"><${Action} quiet act=${act(clear, "Forgotten, and logged out.")} disabled=${isOut}>Forget all three<//></p>
      </li>
    </ol>
  <//>`;
}

function Outcomes() {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Outcomes"><table class="comparison outcomes">
    <thead><tr><td></td><th scope="col"><code>localStorage</code></th><th scope="col">A variable</th><th scope="col">A cookie, HttpOnly</th></tr></thead>
    <tbody>
      <${Outcome} title="The script reads it" row=${taken.value} />
      <${Outcome} title="The thief uses it at home" row=${atHome.value} />
      <${Outcome} title="The script uses it in this page" row=${inPage.value} />
      <${Outcome} title="A neighbour uses it" row=${neighbour.value} />
      <tr><th scope="row">It outlives a reload</th><td>yes</td><td>no</td><td>yes</td></tr>
    </tbody>
  </table></div>`;
}

/** @param {{ title: string, row: Row | null }} properties */
function Outcome({ title, row }) {
  return html`<tr>
    <th scope="row">${title}</th>
    ${PLACES.map((place) => {
      const outcome = row?.[place];
      return html`<td data-bad=${outcome && String(outcome.isBad)}>${outcome ? html`<span class="said">${outcome.said}</span>${outcome.code && html`<code>${outcome.code}</code>`}` : "–"}</td>`;
    })}
  </tr>`;
}
