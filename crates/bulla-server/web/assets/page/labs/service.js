// Lab: a service that asks for tokens in its own name.

import { html, signal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Bench } from "../panes/bench.js";
import { decode } from "../token/jwt.js";
import { accepted } from "../wire/ask.js";
import { Log } from "../wire/log.js";
import { signedIn } from "../wire/reader.js";

/** @typedef {{ id: string, secret: string }} Client */

const REPORTS = "/demo/reports";

const log = new Log();
const client = signal(/** @type {Client | null} */ (null));
const token = signal(/** @type {string | null} */ (null));

export default function Service() {
  const none = !client.value;
  return html`<${Bench} log=${log} stage=${html`<${Identity} />`} wire="Make a client: its secret is in this answer, and in no other." checked="A service proves itself to the issuer; at the gateway its token is checked like any other, and let in by its scopes.">
    <ol class="steps">
      <li>
        <h4>Make a client</h4>
        <p>A service of yours, with two scopes.</p>
        <p class="actions"><${Action} act=${make}>Make one<//></p>
      </li>
      <li>
        <h4>Let it ask for a token</h4>
        <p>With its id and secret, on nobody’s behalf.</p>
        <p class="actions">
          <${Action} act=${() => grant()} disabled=${none}>For all that it may<//>
          <${Action} quiet act=${() => grant("orders:read")} disabled=${none}>For orders:read<//>
          <${Action} quiet act=${() => grant("admin")} disabled=${none}>For admin<//>
        </p>
      </li>
      <li>
        <h4>Let it call</h4>
        <p>The route asks for the scope <code>reports:read</code>. Users of this demo have none.</p>
        <p class="actions">
          <${Action} act=${async () => token.value && call(token.value)} disabled=${!token.value}>Read the reports<//>
          <${Action} quiet act=${asUser}>The same as a user<//>
        </p>
      </li>
      <li>
        <h4>Remove it</h4>
        <p>Its tokens end at the next request.</p>
        <p class="actions"><${Action} quiet act=${remove} disabled=${none}>Remove the client<//></p>
      </li>
    </ol>
  <//>`;
}

/** Who the service is, and what its token says of it. */
function Identity() {
  const claims = token.value ? decode(token.value).payload.json : null;
  const row = (/** @type {string} */ name, /** @type {unknown} */ value) => html`<div><dt>${name}</dt><dd>${value ? html`<code>${value}</code>` : "–"}</dd></div>`;
  return html`<div class="identity">
    <section aria-label="The client">
      <h4>The client</h4>
      <dl>${row("client_id", client.value?.id)}${row("client_secret", client.value?.secret)}</dl>
      <p>${client.value ? "The secret was told once. Bulla has kept its hash." : "There is none yet."}</p>
    </section>
    <section aria-label="Its token">
      <h4>Its token</h4>
      <dl>${row("sub", claims?.sub)}${row("scope", claims?.scope)}</dl>
      <p>${claims ? `No session and no refresh token: it asks again when this one ends, at ${new Date(claims.exp * 1000).toLocaleTimeString()}.` : "There is none yet."}</p>
    </section>
  </div>`;
}

async function make() {
  const held = await signedIn(log);
  if (!held) return;
  const exchange = await log.ask({ path: "/demo/client", method: "POST", token: held.token });
  if (!accepted(exchange)) return;
  client.value = { id: exchange.answer.client_id, secret: exchange.answer.client_secret };
  token.value = null;
}

/** @param {string} [scope] left out: all that it may */
async function grant(scope) {
  if (!client.value) return;
  const { id, secret } = client.value;
  const form = { grant_type: "client_credentials", ...(scope && { scope }) };
  const exchange = await log.ask({ path: "/oauth2/token", form, headers: { Authorization: `Basic ${btoa(`${id}:${secret}`)}` } });
  if (accepted(exchange)) token.value = exchange.answer.access_token;
}

/** @param {string} bearer */
const call = (bearer) => log.ask({ path: REPORTS, token: bearer });

async function asUser() {
  const held = await signedIn(log);
  if (held) await call(held.token);
}

async function remove() {
  const held = await signedIn(log);
  if (!held) return;
  const exchange = await log.ask({ path: "/demo/client", method: "DELETE", token: held.token });
  if (accepted(exchange)) client.value = null;
}
