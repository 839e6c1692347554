// The pane of what went over the wire.

import { html, useSignal } from "../../vendor/preact.js";
import { TOKEN } from "../token/jwt.js";
import { accepted } from "../wire/ask.js";
import { curl } from "../wire/curl.js";
import { Token } from "./token.js";

/** @typedef {import("../wire/ask.js").Exchange} Exchange */
/** @typedef {import("../wire/log.js").Log} Log */

/** What readers of a refusal look for. */
const TELLING = new Set(["authorization", "www-authenticate", "retry-after", "ratelimit", "ratelimit-policy", "set-cookie", "cookie"]);

/** @param {{ log: Log, empty: string }} properties */
export function ExchangePane({ log, empty }) {
  const exchange = log.current.value;
  return html`<div class="pane wire" role="group" aria-label="The HTTP exchange">
    <header class="pane-head">
      <h3>The HTTP exchange</h3>
      ${exchange && html`<${Copy} exchange=${exchange} />`}
    </header>
    ${log.exchanges.value.length > 1 && html`<${History} log=${log} />`}
    ${exchange ? html`<${Message} exchange=${exchange} />` : html`<p class="nothing">${empty}</p>`}
  </div>`;
}

/** @param {{ log: Log }} properties */
function History({ log }) {
  return html`<ol class="history" aria-label="Requests so far">
    ${log.exchanges.value.map(
      (exchange, index) => html`<li>
        <button type="button" aria-pressed=${index === log.selected.value} data-accepted=${accepted(exchange)}
          aria-label=${`Request ${index + 1}: ${exchange.method} ${exchange.path}, answered ${exchange.status || "not at all"}`}
          onClick=${() => (log.selected.value = index)}>${exchange.status || "–"}</button>
      </li>`,
    )}
  </ol>`;
}

/** @param {{ exchange: Exchange }} properties */
function Message({ exchange }) {
  const { method, path, protocol, sent, body, status, reason, received, text } = exchange;
  return html`<div class="message" tabindex="0" role="group" aria-label="Request and answer">
    <p class="line"><b>${method}</b> ${path}</p>
    <${Fields} fields=${sent} />
    ${body !== undefined && html`<${Body} text=${body} />`}
    <hr />
    ${status > 0
      ? html`<p class="line" data-accepted=${accepted(exchange)}><b>${protocol} ${status}</b> ${reason}
          <span class="time">${exchange.milliseconds.toFixed(1)} ms</span></p>
        <${Fields} fields=${received} />
        <${Body} text=${text} />`
      : html`<p class="line" data-accepted="false"><b>No answer</b> ${reason}</p>`}
  </div>`;
}

/** @param {{ fields: [string, string][] }} properties */
function Fields({ fields }) {
  return html`<dl class="fields">
    ${fields.map(
      ([name, value]) => html`<div data-telling=${TELLING.has(name.toLowerCase())}><dt>${name}: </dt><dd><${Coloured} text=${value} /></dd></div>`,
    )}
  </dl>`;
}

/** @param {{ text: string }} properties */
function Body({ text }) {
  return text && html`<pre class="body"><code><${Coloured} text=${pretty(text)} /></code></pre>`;
}

/** @param {{ text: string }} properties */
function Coloured({ text }) {
  const found = TOKEN.exec(text);
  if (!found) return text;
  const [token] = found;
  return html`${text.slice(0, found.index)}<${Token} token=${token} /><${Coloured} text=${text.slice(found.index + token.length)} />`;
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** @param {{ exchange: Exchange }} properties */
function Copy({ exchange }) {
  const told = useSignal("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(curl(exchange));
      told.value = "Copied";
    } catch {
      told.value = "The browser does not let this page copy";
    }
  };
  return html`<button type="button" class="small" onClick=${copy}>Copy as curl</button><span class="told" role="status">${told}</span>`;
}
