// Lab: sessions against tokens.

import { html, useSignal } from "../../../vendor/preact.js";
import { Action } from "../../panes/action.js";
import { Workbench } from "../../panes/workbench.js";
import { cookie, logOut, measure, signIn, token } from "./both.js";

/** @typedef {import("./both.js").Side} Side */

const TIMES = 20;

export default function Sessions() {
  const told = useSignal("");
  const isIn = cookie.value.isIn && token.value.isIn;
  const act = (/** @type {() => Promise<string | null | void>} */ work, /** @type {string} */ done) => async () => {
    told.value = (await work()) ?? done;
  };
  return html`<${Workbench} title="What it takes" told=${told.value} shown=${html`<${Comparison} session=${cookie.value} stateless=${token.value} />`}>
    <ol class="steps">
      <li>
        <h4>Sign in, both ways</h4>
        <p>One account: a row in a table and a cookie that names it, and beside it a token.</p>
        <p class="actions"><${Action} act=${act(signIn, "Signed in, twice.")}>Sign in<//></p>
      </li>
      <li>
        <h4>Ask who you are</h4>
        <p>${TIMES} times each, in turns.</p>
        <p class="actions"><${Action} act=${act(() => measure(TIMES), `${TIMES} requests each.`)} disabled=${!isIn}>Send ${TIMES} requests each<//></p>
      </li>
      <li>
        <h4>Take it back</h4>
        <p>Log out, and go on asking with what a thief would have copied.</p>
        <p class="actions"><${Action} act=${act(logOut, "Both are refused.")} disabled=${!isIn}>Log out of both<//></p>
      </li>
    </ol>
  <//>`;
}

/** @param {{ session: Side, stateless: Side }} properties */
function Comparison({ session, stateless }) {
  const most = Math.max(session.bytes ?? 0, stateless.bytes ?? 0);
  const both = (/** @type {(side: Side) => unknown} */ show) => [session, stateless].map((side) => html`<td>${show(side) || "–"}</td>`);
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Comparison"><table class="comparison">
    <thead><tr><td></td><th scope="col">Session</th><th scope="col">Token</th></tr></thead>
    <tbody>
      <tr><th scope="row">On the wire<span>with each request</span></th>${both(({ bytes }) => bytes && html`<b>${bytes}</b> bytes<${Bar} share=${bytes / most} />`)}</tr>
      <tr><th scope="row">Lookups<span>in ${session.requests || "no"} requests each</span></th>${both(({ requests, lookups }) => requests > 0 && html`<b>${lookups}</b>`)}</tr>
      <tr><th scope="row">At the server<span>the check alone, the median</span></th>
        ${both(({ server, first }) => server.length > 0 && html`<b>${milliseconds(median(server))}</b>${first !== null && html`<span>${milliseconds(first)} more the first time, for the signature</span>`}`)}</tr>
      <tr><th scope="row">There and back<span>the median</span></th>${both(({ roundTrip }) => roundTrip.length > 0 && html`<b>${milliseconds(median(roundTrip))}</b>`)}</tr>
      <tr><th scope="row">To take back<span>from the logout to the refusal</span></th>
        ${both(({ revoked, refused, left }) => revoked !== null && html`<b>${milliseconds(revoked)}</b><span><code>${refused}</code></span>${left !== null && html`<span>By its signature alone, it would be good for ${Math.round(left / 60)} minutes more.</span>`}`)}</tr>
    </tbody>
  </table></div>`;
}

/** @param {{ share: number }} properties */
function Bar({ share }) {
  return html`<span class="bar" aria-hidden="true"><span style=${{ width: `${100 * share}%` }}></span></span>`;
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}

/** @param {number} number */
const milliseconds = (number) => `${number < 1 ? number.toFixed(3) : number.toFixed(1)} ms`;
