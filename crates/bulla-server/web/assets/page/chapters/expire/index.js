// Chapter 4: when does it end?

import { html, useSignal } from "../../../vendor/preact.js";
import { Action } from "../../panes/action.js";
import { Bench } from "../../panes/bench.js";
import { accepted } from "../../wire/ask.js";
import { beat, running, SECONDS, silently, stop } from "./beats.js";
import { begin, log } from "./life.js";
import { Stage } from "./stage.js";
import { goOn, isOld, isOver, outcome, replay, steal, waiting } from "./thief.js";

export default function Expire() {
  return html`<${Bench} log=${log} stage=${html`<${Stage} />`} wire="Start the countdown: every request and answer appears here." checked="Expiry and revocation are checked with every request, also for tokens that were verified before.">
    <ol class="steps">
      <li>
        <h4>Let it end</h4>
        <p>A token for ${SECONDS} seconds, used once a second.</p>
        <label class="check"><input type="checkbox" checked=${silently} onChange=${() => (silently.value = !silently.value)} />Refresh silently, just before</label>
        <p class="actions">
          ${running.value
            ? html`<${Action} act=${async () => stop()}>Stop<//>`
            : html`<${Action} act=${async () => void beat()}>Start the countdown<//>`}
        </p>
      </li>
      <${Thief} />
      <${Logout} />
    </ol>
  <//>`;
}

function Thief() {
  const [old, over, waits] = [isOld(), isOver(), waiting.value !== ""];
  return html`<li>
    <h4>Steal the refresh token</h4>
    <p>Copy it, let its owner refresh, then use the copy.</p>
    <p class="actions">
      <${Action} quiet=${!over} act=${steal} disabled=${waits}>Copy it<//>
      <${Action} quiet=${over || old} act=${goOn} disabled=${over || old}>Owner goes on<//>
      <${Action} quiet=${over || !old} act=${replay} disabled=${over || waits}>Replay the copy<//>
    </p>
    <p class="waiting" role="status">${waiting.value || outcome.value}</p>
  </li>`;
}

/** A token that has much of its time before it. */
const MINUTES = 5;

function Logout() {
  const took = useSignal(/** @type {number | null} */ (null));
  const leave = async () => {
    took.value = null;
    const life = await begin(60 * MINUTES);
    if (!life || !accepted(await life.profile())) return;
    if (!accepted(await log.ask({ method: "POST", path: "/auth/logout", token: life.held.value.token }))) return;
    const left = performance.now();
    if ((await life.profile()).status === 401) took.value = performance.now() - left;
  };
  return html`<li>
    <h4>Log out</h4>
    <p>Five minutes are left to the token, and it is refused at once.</p>
    <p class="actions"><${Action} act=${leave}>Sign in, and log out<//></p>
    ${took.value !== null && html`<p role="status">Refused ${took.value.toFixed(0)} ms after the logout was answered.</p>`}
  </li>`;
}
