// Chapter 3: what is verified?

import { html, useSignal } from "../../vendor/preact.js";
import { show } from "../envelope.js";
import { Action } from "../panes/action.js";
import { Bench } from "../panes/bench.js";
import { FORGERIES } from "../token/forge.js";
import { canSeal } from "../token/seal.js";
import { said } from "../wire/ask.js";
import { Log } from "../wire/log.js";
import { signedIn } from "../wire/reader.js";

/** @typedef {import("../token/forge.js").Forgery} Forgery */
/** @typedef {import("../token/forge.js").Forged} Forged */

const log = new Log();

export default function Verify() {
  const tried = useSignal(/** @type {Map<Forgery, string>} */ (new Map()));
  const last = useSignal(/** @type {{ forgery: Forgery, forged: Forged } | null} */ (null));
  const honest = async () => {
    const held = await signedIn(log);
    if (!held) return;
    last.value = null;
    show(await log.ask({ path: "/contact", token: held.token, body: { message: "It is really me." } }));
  };
  const forge = (/** @type {Forgery} */ forgery) => async () => {
    const held = await signedIn(log);
    if (!held) return;
    const forged = await forgery.make(held.token);
    const exchange = await log.ask(forged.asked);
    last.value = { forgery, forged };
    tried.value = new Map(tried.value).set(forgery, exchange.answer?.code ?? said(exchange));
    show(exchange);
  };
  return html`<${Bench} log=${log} wire="Press a button: what is really sent appears here." checked="Every check, in the order in which the gateway makes it.">
    <ol class="steps">
      <li>
        <h4>Send it as it is</h4>
        <p class="actions"><${Action} act=${honest}>Send to /contact<//></p>
      </li>
      <li>
        <h4>Now forge it</h4>
        ${canSeal
          ? html`<ul class="forgeries">
              ${FORGERIES.map(
                (forgery) => html`<li data-last=${last.value?.forgery === forgery}>
                  <${Action} quiet act=${forge(forgery)}>${forgery.name}<//>
                  <code>${tried.value.get(forgery)}</code>
                </li>`,
              )}
            </ul>`
          : html`<p>Browsers let a page seal only over HTTPS or on this machine.</p>`}
      </li>
    </ol>
    <${Told} last=${last.value} />
  <//>`;
}

/**
 * What was changed, and why it did not help.
 *
 * @param {{ last: { forgery: Forgery, forged: Forged } | null }} properties
 */
function Told({ last }) {
  return html`<div class="difference" aria-live="polite">
    ${last
      ? html`<p>${last.forgery.hope}</p>
          <p class="diff">${last.forged.from && html`<del>${last.forged.from}</del>`}<ins>${last.forged.to}</ins></p>
          <p><strong>${last.forgery.lesson}</strong></p>`
      : html`<p>Each forgery is made in this page from your token, and really sent.</p>`}
  </div>`;
}
