// Lab: what a plan allows.

import { anonymousSession } from "../../handshake.js";
import { html, signal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Bench } from "../panes/bench.js";
import { accepted, ask } from "../wire/ask.js";
import { Log } from "../wire/log.js";
import { limitOf } from "../wire/ratelimit.js";
import { signedIn } from "../wire/reader.js";
import { Session } from "../wire/session.js";

/** @typedef {import("../wire/ratelimit.js").Limit} Limit */
/** @typedef {import("../wire/ask.js").Exchange} Exchange */

const PATH = "/demo/limited";
/** More than the burst, so that some are too many. */
const BEYOND = 5;

const log = new Log();
/** The bucket seen last. */
const limit = signal(/** @type {Limit | null} */ (null));
/** The user's, as far as it is known: how many may come at once. */
const burst = signal(20);
const tally = signal(/** @type {boolean[]} */ ([]));

export default function Limits() {
  return html`<${Bench} log=${log} stage=${html`<${Bucket} />`} wire="Send one: its answer says in two fields what is left." checked="The limit is counted last: what is refused before costs nothing.">
    <ol class="steps">
      <li>
        <h4>Send one</h4>
        <p>As the user that you are, on the plan <code>free</code>.</p>
        <p class="actions"><${Action} act=${one}>Send one<//></p>
      </li>
      <li>
        <h4>Send too many</h4>
        <p>All at once: exactly as many pass as the plan has room for.</p>
        <p class="actions"><${Action} act=${many}>Send ${burst.value + BEYOND} at once<//></p>
      </li>
      <li>
        <h4>Be somebody else</h4>
        <p>A visitor has a bucket of its own, and a smaller one.</p>
        <p class="actions"><${Action} quiet act=${asVisitor}>Send one as a visitor<//></p>
      </li>
    </ol>
  <//>`;
}

function Bucket() {
  const known = limit.value;
  if (!known) return html`<p class="bucket-none">A bucket of requests that fills up by itself. Send one to see it.</p>`;
  const { name, quota, window, burst, remaining, next } = known;
  const [passed, refused] = [tally.value.filter(Boolean).length, tally.value.filter((is) => !is).length];
  return html`<div class="bucket">
    <ol class="pips" aria-hidden="true">${Array.from({ length: burst }, (_, index) => html`<li data-left=${index < remaining}></li>`)}</ol>
    <p><b>${remaining}</b> of ${burst} left in <code>${name}</code>${next !== undefined && `, one more in ${next} s`}. It gains ${quota} in ${window} seconds.</p>
    ${tally.value.length > 1 && html`<p class="tally" role="status">Of ${tally.value.length} at once, <b>${passed}</b> passed and <b>${refused}</b> were refused.</p>`}
  </div>`;
}

async function one() {
  const held = await signedIn(log);
  if (!held) return;
  note([await log.ask({ path: PATH, token: held.token })]);
  burst.value = limit.value?.burst ?? burst.value;
}

/** Not the reader's own: a visitor of this lab's. */
let visitor = /** @type {Session | null} */ (null);

async function asVisitor() {
  if (!visitor || visitor.left <= 1) visitor = new Session(await anonymousSession());
  note([await log.ask({ path: PATH, token: visitor.token })]);
}

async function many() {
  const held = await signedIn(log);
  if (!held) return;
  const exchanges = await Promise.all(Array.from({ length: burst.value + BEYOND }, () => ask({ path: PATH, token: held.token })));
  const [passed, refused] = [exchanges.find(accepted), exchanges.find((exchange) => !accepted(exchange))];
  for (const exchange of [passed, refused]) if (exchange) log.add(exchange);
  note(exchanges);
}

/** @param {Exchange[]} exchanges of which the emptiest bucket is shown */
function note(exchanges) {
  const limits = exchanges.flatMap((exchange) => limitOf(exchange) ?? []);
  limit.value = limits.sort((one, other) => one.remaining - other.remaining)[0] ?? limit.value;
  tally.value = exchanges.map(accepted);
}
