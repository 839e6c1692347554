// Chapter 1: how do you get a token?

import { html, useSignal } from "../../vendor/preact.js";
import { Action } from "../panes/action.js";
import { Bench } from "../panes/bench.js";
import { Log } from "../wire/log.js";
import { enter, session, suggested, visit } from "../wire/reader.js";

const log = new Log();

export default function Get() {
  const message = useSignal("Hello from the page.");
  const typed = useSignal(suggested);
  const solved = useSignal(/** @type {number | null} */ (null));
  const change = (/** @type {"email" | "password"} */ name) => (/** @type {{ currentTarget: HTMLInputElement }} */ event) => {
    typed.value = { ...typed.value, [name]: event.currentTarget.value };
  };
  const send = (/** @type {string | undefined} */ token) => log.ask({ path: "/contact", token, body: { message: message.value } });
  const solve = async () => {
    solved.value = 0;
    try {
      await visit(log, (share) => (solved.value = share));
    } finally {
      solved.value = null;
    }
  };
  return html`<${Bench} log=${log} wire="Press a button: the request and its answer appear here, as they were.">
    <ol class="steps">
      <li>
        <h4>Knock</h4>
        <label>Message<input value=${message} onInput=${set(message)} maxlength="200" /></label>
        <p class="actions">
          <${Action} act=${() => send(undefined)}>Send without a token<//>
          ${session.value && html`<${Action} quiet act=${() => send(session.value?.token)}>Send with the token<//>`}
        </p>
      </li>
      <li>
        <h4>Shake hands</h4>
        <p>Sixteen small puzzles, solved in a worker. No name, no account.</p>
        <p class="actions"><${Action} act=${solve}>Get an anonymous token<//></p>
        ${solved.value !== null && html`<progress max="1" value=${solved} aria-label="Puzzles solved"></progress>`}
      </li>
      <li>
        <h4>Or say who you are</h4>
        <p>A throwaway account, made up for you.</p>
        <label>Email<input type="email" autocomplete="off" value=${typed.value.email} onInput=${change("email")} /></label>
        <label>Password<input autocomplete="off" value=${typed.value.password} onInput=${change("password")} /></label>
        <p class="actions">
          <${Action} act=${() => enter(log, "/auth/register", typed.value)}>Sign up<//>
          <${Action} quiet act=${() => enter(log, "/auth/login", typed.value)}>Sign in<//>
        </p>
      </li>
    </ol>
  <//>`;
}

/** @param {import("../../vendor/preact.js").Signal<string>} target */
const set = (target) => (/** @type {{ currentTarget: HTMLInputElement }} */ event) => {
  target.value = event.currentTarget.value;
};
