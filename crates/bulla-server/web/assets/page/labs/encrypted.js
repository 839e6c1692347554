// Lab: a token that its holder cannot read.

import { html, signal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Bench } from "../panes/bench.js";
import { fromBase64url } from "../token/jwt.js";
import { accepted } from "../wire/ask.js";
import { Log } from "../wire/log.js";
import { signedIn } from "../wire/reader.js";

const log = new Log();
const wrapped = signal(/** @type {string | null} */ (null));
/** What the service found in it. */
const found = signal(/** @type {string | null} */ (null));

/** The five parts of a JWE, and what they say to whom. */
const PARTS = [
  ["Header", "how it is encrypted, and to which key", "reed"],
  ["Encrypted key", "the key of this one token, for the service alone", "clay"],
  ["IV", "a random beginning", "lapis"],
  ["Ciphertext", "the signed token, all of it", "clay"],
  ["Tag", "shows any change", "lapis"],
];

export default function Encrypted() {
  return html`<${Bench} log=${log} stage=${html`<${Envelope} />`} wire="Wrap your token: it is sent once, and comes back encrypted." checked="The service decrypts first. What it finds is a signed token, which it checks like any other.">
    <ol class="steps">
      <li>
        <h4>Wrap it</h4>
        <p>Your signed token, encrypted to the demo service’s public key.</p>
        <p class="actions"><${Action} act=${wrap}>Wrap my token<//></p>
      </li>
      <li>
        <h4>Let the service read it</h4>
        <p>It has the private key. You have not.</p>
        <p class="actions"><${Action} act=${() => read(wrapped.value)} disabled=${!wrapped.value}>Send it<//></p>
        <p role="status">${found.value && html`The service found <code>${found}</code> in it.`}</p>
      </li>
      <li>
        <h4>Change a letter</h4>
        <p>Of what you cannot read.</p>
        <p class="actions"><${Action} quiet act=${() => read(altered(wrapped.value))} disabled=${!wrapped.value}>Send it changed<//></p>
      </li>
    </ol>
  <//>`;
}

function Envelope() {
  const parts = wrapped.value?.split(".") ?? [];
  return html`<ol class="envelope">
    ${PARTS.map(
      ([name, says, colour], index) => html`<li class=${`of-${colour}`}>
        <h4>${name}</h4><p>${says}</p>
        <p class="raw">${parts[index] ? (index === 0 ? readable(parts[0]) : opaque(parts[index])) : "–"}</p>
      </li>`,
    )}
  </ol>`;
}

async function wrap() {
  const held = await signedIn(log);
  if (!held) return;
  const exchange = await log.ask({ path: "/demo/encrypted/wrap", body: { token: held.token } });
  found.value = null;
  wrapped.value = accepted(exchange) ? exchange.answer.token : null;
}

/** @param {string | null} token */
async function read(token) {
  const exchange = await log.ask({ path: "/demo/encrypted/read", body: { token } });
  found.value = accepted(exchange) ? exchange.answer.user.id : null;
}

/** @param {string | undefined} part */
function readable(part) {
  const text = new TextDecoder().decode(fromBase64url(part ?? "") ?? undefined);
  return JSON.stringify(JSON.parse(text), null, 1);
}

/** @param {string | undefined} part */
function opaque(part = "") {
  return part.length > 64 ? `${part.slice(0, 64)}… (${part.length} letters)` : part;
}

/** @param {string | null} token */
function altered(token) {
  const parts = (token ?? "").split(".");
  const cipher = parts[3] ?? "";
  const middle = cipher.length >> 1;
  parts[3] = cipher.slice(0, middle) + (cipher[middle] === "A" ? "B" : "A") + cipher.slice(middle + 1);
  return parts.join(".");
}
