// Lab: the devices on which somebody is signed in.

import { html, signal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Bench } from "../panes/bench.js";
import { accepted, ask, said } from "../wire/ask.js";
import { Log } from "../wire/log.js";
import { Account, fresh, Session } from "../wire/session.js";

/**
 * A session that this lab opened, as if on a device of its own.
 *
 * @typedef {object} Device
 * @property {Session} session
 * @property {string} name
 * @property {string} opened
 * @property {boolean} isEnded
 * @property {string} [said] what its last request was answered
 */

const NAMES = ["Phone", "Laptop", "Library computer"];

/** The reader's own is not among its sessions: all of them can be ended here. */
const account = new Account();
const log = new Log();
const devices = signal(/** @type {Device[]} */ ([]));

export default function Devices() {
  const here = devices.value.find((device) => !device.isEnded);
  return html`<${Bench} log=${log} stage=${html`<${Cards} here=${here} />`} wire="Sign in, then end one of them." checked="A session ended elsewhere is a revocation: the gateway looks at those last, with every request.">
    <ol class="steps">
      <li>
        <h4>Sign in on three devices</h4>
        <p>Three sessions of one account, each with a name.</p>
        <p class="actions"><${Action} act=${signIn}>Sign in three times<//></p>
      </li>
      <li>
        <h4>List them</h4>
        <p>What the account’s owner sees, on whichever device.</p>
        <p class="actions"><${Action} quiet act=${async () => here && list(here)} disabled=${!here}>List the sessions<//></p>
      </li>
      <li>
        <h4>End one</h4>
        <p>With the buttons above. Then let it send a request: its token is whole, in time, and refused.</p>
        <p class="actions"><${Action} quiet act=${async () => here && endOthers(here)} disabled=${!here}>End all others<//></p>
      </li>
    </ol>
  <//>`;
}

/** @param {{ here: Device | undefined }} properties */
function Cards({ here }) {
  if (devices.value.length === 0) return html`<p class="no-devices">Nobody is signed in here yet.</p>`;
  return html`<ul class="devices">
    ${devices.value.map(
      (device) => html`<li data-ended=${device.isEnded}>
        <h4>${device.name}${device === here && html` <span class="tag">you are here</span>`}</h4>
        <p>${device.isEnded ? "ended" : `signed in ${new Date(device.opened).toLocaleTimeString()}`}</p>
        <p class="said" role="status">${device.said && html`<code>${device.said}</code>`}</p>
        <p class="actions">
          <${Action} quiet act=${() => send(device)} label=${`Send a request from: ${device.name}`}>Send a request<//>
          <${Action} quiet act=${async () => here && end(here, device)} disabled=${!here || device.isEnded} label=${`End it: ${device.name}`}>End it<//>
        </p>
      </li>`,
    )}
  </ul>`;
}

async function signIn() {
  const opened = [];
  for (const name of NAMES) {
    const exchange = await account.open(ask);
    log.add(exchange);
    if (!accepted(exchange)) return;
    const session = new Session(exchange.answer);
    const named = await ask({ path: `/auth/sessions/${session.id}`, method: "PATCH", token: session.token, body: { name } });
    opened.push({ session, name, opened: named.answer?.created_at, isEnded: false });
  }
  devices.value = opened;
}

/**
 * A device's token: renewed if its time is over, as the device itself would. Nobody renews the session that was ended.
 *
 * @param {Device} device
 */
async function tokenOf(device) {
  if (device.isEnded) return device.session.token;
  const session = await fresh(device.session, ask);
  change(device, { session });
  return session.token;
}

/** @param {Device} here */
const list = async (here) => log.ask({ path: "/auth/sessions", token: await tokenOf(here) });

/** @param {Device} device */
async function send(device) {
  const exchange = await log.ask({ path: "/api/profile", token: await tokenOf(device) });
  change(device, { said: said(exchange) });
}

/**
 * @param {Device} here
 * @param {Device} device
 */
async function end(here, device) {
  const exchange = await log.ask({ path: `/auth/sessions/${device.session.id}`, method: "DELETE", token: await tokenOf(here) });
  if (accepted(exchange)) change(device, { isEnded: true, said: undefined });
}

/** @param {Device} here */
async function endOthers(here) {
  const exchange = await log.ask({ path: "/auth/sessions", method: "DELETE", token: await tokenOf(here) });
  if (!accepted(exchange)) return;
  for (const device of devices.value) if (device.name !== here.name) change(device, { isEnded: true, said: undefined });
}

/**
 * @param {Device} device
 * @param {Partial<Device>} changes
 */
function change(device, changes) {
  devices.value = devices.value.map((known) => (known.name === device.name ? { ...known, ...changes } : known));
}
