// Chapter 4: when does it end?

import { html, useSignal } from "../../../vendor/preact.js";
import { Action } from "../../panes/action.js";
import { Bench } from "../../panes/bench.js";
import { accepted } from "../../wire/ask.js";
import { beat, beating, silently } from "./beats.js";
import { generation, here, log, opened, profile, SECONDS } from "./here.js";
import { Stage } from "./stage.js";
import { copy, goOn, replay, settled, steal, waiting } from "./thief.js";

export default function Expire() {
  return html`<${Bench} log=${log} stage=${html`<${Stage} />`} wire="Start the countdown: every request and answer appears here." checked="Expiry and revocation are checked with every request, also for tokens that were verified before.">
    <ol class="steps">
      <li>
        <h4>Let it end</h4>
        <p>A token for ${SECONDS} seconds, used once a second.</p>
        <label class="check"><input type="checkbox" checked=${silently} onChange=${() => (silently.value = !silently.value)} />Refresh silently, just before</label>
        <p class="actions">
          ${beating.value
            ? html`<${Action} act=${async () => (beating.value = false)}>Stop<//>`
            : html`<${Action} act=${async () => void beat()}>Start the countdown<//>`}
        </p>
      </li>
      <${Thief} />
      <${Logout} />
    </ol>
  <//>`;
}

function Thief() {
  const isOld = copy.value !== null && settled.value > generation(copy.value);
  return html`<li>
    <h4>Steal the refresh token</h4>
    <p>Copy it, let its owner refresh, then use the copy.</p>
    <p class="actions">
      <${Action} quiet=${copy.value !== null} act=${steal}>Copy it<//>
      <${Action} quiet=${copy.value === null || isOld} act=${goOn} disabled=${copy.value === null || isOld}>Owner goes on<//>
      <${Action} quiet=${!isOld} act=${replay} disabled=${copy.value === null}>Replay the copy<//>
    </p>
    <p class="waiting" role="status">${waiting}</p>
  </li>`;
}

function Logout() {
  const took = useSignal(/** @type {number | null} */ (null));
  const leave = async () => {
    took.value = null;
    if (!accepted(await opened(300))) return;
    await profile();
    if (!accepted(await log.ask({ method: "POST", path: "/auth/logout", token: here.value?.token }))) return;
    const left = performance.now();
    await profile();
    took.value = performance.now() - left;
  };
  return html`<li>
    <h4>Log out</h4>
    <p>Five minutes are left to the token, and it is refused at once.</p>
    <p class="actions"><${Action} act=${leave}>Sign in, and log out<//></p>
    ${took.value !== null && html`<p role="status">Refused ${took.value.toFixed(0)} ms after the logout was answered.</p>`}
  </li>`;
}
