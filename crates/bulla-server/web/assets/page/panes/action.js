// A button that does something which takes time: pressed again meanwhile it does nothing, and it says so.

import { html, useSignal } from "../../vendor/preact.js";

/**
 * @param {object} properties
 * @param {() => Promise<unknown>} properties.act
 * @param {unknown} properties.children
 * @param {boolean} [properties.disabled]
 * @param {boolean} [properties.quiet] not the main thing to do here
 * @param {string} [properties.label] its name, where its text alone does not say what it is about; begins with that
 */
export function Action({ act, children, disabled = false, quiet = false, label }) {
  const busy = useSignal(false);
  const press = async () => {
    if (busy.value || disabled) return;
    busy.value = true;
    try {
      await act();
    } finally {
      busy.value = false;
    }
  };
  return html`<button type="button" class=${quiet ? "quiet" : ""} aria-label=${label} aria-busy=${busy} aria-disabled=${disabled} onClick=${press}>${children}</button>`;
}
