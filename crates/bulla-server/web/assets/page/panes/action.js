// A button that does something which takes time: pressed again meanwhile it does nothing, and it says so. It says too
// that it did not work: whatever `act` throws ends here.

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
  const failed = useSignal("");
  const press = async () => {
    if (busy.value || disabled) return;
    busy.value = true;
    failed.value = "";
    try {
      await act();
    } catch (error) {
      failed.value = error instanceof Error ? error.message : String(error);
    } finally {
      busy.value = false;
    }
  };
  return html`<button type="button" class=${quiet ? "quiet" : ""} aria-label=${label} aria-busy=${busy} aria-disabled=${disabled} onClick=${press}>${children}</button>
    ${failed.value && html`<span class="failed" role="alert">That did not work: ${failed}.</span>`}`;
}
