// Lab: what a proof of work takes here. The puzzles are those of the handshake, on a challenge that the page made up.

import { solveInWorker } from "../../handshake.js";
import { html, signal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Workbench } from "../panes/workbench.js";
import { accepted, ask, said } from "../wire/ask.js";

/** @typedef {{ difficulty: number, hashes: number, milliseconds: number }} Run */

const PUZZLES = 16;
/** The server asks for 12 to 15; the rest is to see how the work grows. */
const [LEAST, MOST] = [8, 17];
const KEPT = 8;

const difficulty = signal(12);
const solved = signal(/** @type {number | null} */ (null));
const runs = signal(/** @type {Run[]} */ ([]));
const asked = signal(/** @type {{ puzzles: number, difficulty: number } | null} */ (null));
const told = signal("");
let work = new AbortController();

export default function Proof() {
  const isWorking = solved.value !== null;
  return html`<${Workbench} title="What it took" told=${told.value} shown=${html`<${Runs} />`}>
    <ol class="steps">
      <li>
        <h4>Choose how hard</h4>
        <label>Zero bits that each hash must begin with: ${difficulty}
          <input type="range" min=${LEAST} max=${MOST} value=${difficulty} onInput=${choose} aria-valuetext=${`${difficulty.value} zero bits`} /></label>
        <p>About ${expected(difficulty.value).toLocaleString("en")} hashes for ${PUZZLES} puzzles. One bit more is twice the work.</p>
      </li>
      <li>
        <h4>Solve them</h4>
        <p>In a worker: the page stays quick, and can stop it.</p>
        <p class="actions">
          ${isWorking ? html`<${Action} quiet act=${async () => work.abort()}>Stop<//>` : html`<${Action} act=${async () => void solve()}>Solve ${PUZZLES} puzzles<//>`}
        </p>
        ${isWorking && html`<progress max="1" value=${solved} aria-label="Puzzles solved"></progress>`}
      </li>
      <li>
        <h4>Ask what is wanted now</h4>
        <p>The server asks for more from an address that misbehaved, and when many come at once.</p>
        <p class="actions"><${Action} quiet act=${inquire}>Ask the server<//></p>
        ${asked.value && html`<p role="status">It asks for ${asked.value.puzzles} puzzles of ${asked.value.difficulty} zero bits.</p>`}
      </li>
    </ol>
  <//>`;
}

function Runs() {
  const check = html`<p class="nothing">To check them takes the server ${PUZZLES} hashes, whatever they took to find.</p>`;
  if (runs.value.length === 0) return check;
  const slowest = Math.max(...runs.value.map(({ milliseconds }) => milliseconds));
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Runs"><table class="comparison runs">
    <thead><tr><th scope="col">Zero bits</th><th scope="col">Hashes</th><th scope="col">Time</th><th scope="col">Hashes a second</th></tr></thead>
    <tbody>${runs.value.map(
      ({ difficulty, hashes, milliseconds }) => html`<tr>
        <th scope="row">${difficulty}</th>
        <td>${hashes.toLocaleString("en")}<span>${(hashes / expected(difficulty)).toFixed(2)} of the average</span></td>
        <td>${Math.round(milliseconds)} ms<span class="bar" aria-hidden="true"><span style=${{ width: `${(100 * milliseconds) / slowest}%` }}></span></span></td>
        <td>${Math.round(hashes / (milliseconds / 1000)).toLocaleString("en")}</td>
      </tr>`,
    )}</tbody>
  </table></div>${check}`;
}

async function solve() {
  const chosen = difficulty.value;
  work = new AbortController();
  solved.value = 0;
  const challenge = crypto.getRandomValues(new Uint32Array(4)).join("");
  const began = performance.now();
  try {
    const nonces = await solveInWorker({ challenge, puzzles: PUZZLES, difficulty: chosen }, work.signal, (share) => (solved.value = share));
    // The smallest solution of each, so every number below it was tried.
    const hashes = nonces.reduce((sum, nonce) => sum + nonce + 1, 0);
    runs.value = [{ difficulty: chosen, hashes, milliseconds: performance.now() - began }, ...runs.value].slice(0, KEPT);
    told.value = `Solved in ${Math.round(performance.now() - began)} ms.`;
  } catch (error) {
    if (!work.signal.aborted) throw error;
    told.value = "Stopped.";
  } finally {
    solved.value = null;
  }
}

async function inquire() {
  const exchange = await ask({ path: "/auth/challenge" });
  if (accepted(exchange)) asked.value = exchange.answer;
  else told.value = said(exchange);
}

/** @param {number} bits */
const expected = (bits) => PUZZLES * 2 ** bits;

/** @param {{ currentTarget: HTMLInputElement }} event */
function choose({ currentTarget }) {
  difficulty.value = Number(currentTarget.value);
}
