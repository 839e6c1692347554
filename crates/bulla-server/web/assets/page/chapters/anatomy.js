// Chapter 2: what is in a token?

import { html, signal, useRef, useSignal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Bench } from "../panes/bench.js";
import { Checked } from "../panes/checks.js";
import { Parts } from "../panes/parts.js";
import { decode } from "../token/jwt.js";
import { holds } from "../token/seal.js";
import { accepted } from "../wire/ask.js";
import { Log } from "../wire/log.js";
import { session, visit } from "../wire/reader.js";

/** @typedef {import("../checks.js").Outcome} Outcome */

const log = new Log();
/** A token that is not the reader's: it stays in this page unless they say otherwise. */
const pasted = signal("");
/** More is no token: Bulla decodes none that is longer. */
const MOST = 16 << 10;
const tooLong = signal(false);

export default function Anatomy() {
  const seal = useSignal(/** @type {{ token: string, checks: { title: string, asks: string, outcome: Outcome }[] } | null} */ (null));
  const token = pasted.value || session.value?.token;
  const check = async () => {
    if (token) seal.value = { token, checks: await checkSeal(token) };
  };
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const back = async () => {
    pasted.value = "";
    tooLong.value = false;
    field.current?.focus();
  };
  const checks = seal.value?.token === token && seal.value?.checks.length ? seal.value.checks : null;
  return html`<${Bench}
    log=${log}
    stage=${html`<${Parts} token=${token} />`}
    wire="To read a token, nothing is sent. To check its seal, only the public key is fetched."
    checked="Nothing: whoever holds a token can read it, and no server hears of it."
    also=${checks && html`<h4>In your browser</h4><ol class="checks">${checks.map((one) => html`<${Checked} ...${one} />`)}</ol>`}
  >
    <ol class="steps">
      <li>
        <h4>Unmask it</h4>
        <p>${token ? `${pasted.value ? "The one you pasted" : "Your token"} is above. Lift its covers, one by one.` : "You hold none yet."}</p>
        <p class="actions"><${Action} quiet=${token !== undefined} act=${() => visit(log)}>Get an anonymous token<//></p>
      </li>
      <li>
        <h4>Check the seal</h4>
        <p>With the issuer’s public key, your browser can do it without asking anybody.</p>
        <p class="actions"><${Action} act=${check} disabled=${!token}>Check it here<//></p>
      </li>
      <li>
        <h4>Read another</h4>
        <label>Paste any token<textarea ref=${field} rows="3" spellcheck=${false} autocomplete="off" value=${pasted} placeholder="eyJ…" onInput=${paste}></textarea></label>
        <p role="status">${tooLong.value ? "That is over 16 KiB: no gateway reads it, nor does this page." : "It is decoded in this page, and not sent."}</p>
        ${pasted.value &&
        html`<p class="actions">
          <${Action} quiet act=${() => log.ask({ path: "/contact", token: pasted.value, body: { message: "Is this one good?" } })}>Send it to /contact<//>
          <${Action} quiet act=${back}>Back to mine<//>
        </p>`}
      </li>
    </ol>
  <//>`;
}

/** @param {{ currentTarget: HTMLTextAreaElement }} event */
function paste({ currentTarget }) {
  const text = currentTarget.value.replace(/^\s*bearer\s+/i, "").replace(/[^\x21-\x7e]/g, "");
  tooLong.value = text.length > MOST;
  pasted.value = tooLong.value ? "" : text;
}

/** @param {string} token */
async function checkSeal(token) {
  const exchange = await log.ask({ path: "/.well-known/jwks.json" });
  // Without the keys nothing can be said of a seal.
  if (!accepted(exchange)) return [];
  const { alg, kid } = decode(token).header.json ?? {};
  const key = exchange.answer.keys.find((/** @type {JsonWebKey & { kid: string }} */ key) => key.kid === kid);
  const isSecret = !key && /^HS/.test(alg);
  const fits = key !== undefined && key.alg === alg;
  const whole = fits ? await holds(token, key) : null;
  return [
    isSecret
      ? { title: "Key", asks: "A secret: it is in no set, so only the issuer can check.", outcome: outcome(null) }
      : { title: "Key", asks: "Is its kid in the issuer’s set?", outcome: outcome(key !== undefined) },
    { title: "Algorithm", asks: "Is it this key’s?", outcome: outcome(key ? fits : null) },
    { title: "Signature", asks: fits && whole === null ? "This browser cannot check this one." : "Is the seal whole?", outcome: outcome(whole) },
  ];
}

/**
 * @param {boolean | null} passed `null`: it was not looked at
 * @returns {Outcome}
 */
function outcome(passed) {
  if (passed === null) return "unreached";
  return passed ? "passed" : "failed";
}
