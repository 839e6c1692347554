// A token in the colours of its three parts.

import { html, useSignal } from "../../vendor/preact.js";

const NAMES = ["header", "payload", "signature"];
/** How much of a part is shown while it is folded. */
const SHOWN = 12;

/**
 * A token, folded until it is asked for whole.
 *
 * @param {{ token: string }} properties
 */
export function Token({ token }) {
  const whole = useSignal(false);
  const parts = token.split(".");
  const isLong = parts.some((part) => part.length > SHOWN + 1);
  const shown = (/** @type {string} */ part) => (whole.value || part.length <= SHOWN + 1 ? part : `${part.slice(0, SHOWN)}…`);
  return html`<span class="jwt">${parts.map(
    (part, index) => html`${index > 0 && "."}<span class=${`part-${NAMES[index] ?? "signature"}`}>${shown(part)}</span>`,
  )}</span>${isLong &&
  html` <button type="button" class="fold" aria-expanded=${whole.value} onClick=${() => (whole.value = !whole.value)}>
    ${whole.value ? "fold" : "whole token"}
  </button>`}`;
}
