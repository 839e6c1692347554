// The clay envelope: what the reader holds, and what became of what they sent last.

import { computed, effect, signal } from "../vendor/preact.js";
import { session, standing } from "./wire/reader.js";

/** @typedef {"broken" | "foreign" | "misdirected"} Trial what a token that was sent turned out to be */

/** @type {Record<import("./wire/reader.js").Standing | Trial, string>} */
const CAPTIONS = {
  nobody: "Not sealed yet: the API does not know you.",
  visitor: "Sealed. Anybody may read the outside; the seal shows whether it was changed.",
  user: "Sealed. Anybody may read the outside; the seal shows whether it was changed.",
  ended: "Its time is over. The seal is whole, and nobody opens the door for it.",
  revoked: "Taken back. The seal is whole, and the gateway knows better.",
  broken: "Something was changed. The seal is broken, and it shows.",
  foreign: "There is a seal, and it is not the issuer’s.",
  misdirected: "Whole, and refused: it is meant for another API.",
};

/** @type {Record<string, Trial>} */
const TRIALS = {
  token_signature_invalid: "broken",
  token_algorithm_refused: "foreign",
  token_key_unknown: "foreign",
  token_audience_mismatch: "misdirected",
};

const tried = signal(/** @type {{ of: unknown, trial: Trial } | null} */ (null));

/**
 * Shows what the server said of a token that was made from the reader's; what says nothing of its seal changes nothing. Their own
 * is again as it is.
 *
 * @param {import("./wire/ask.js").Exchange} exchange
 */
export function show(exchange) {
  const held = session.peek()?.token;
  const trial = TRIALS[exchange.answer?.code];
  if (held && exchange.token === held) tried.value = null;
  else if (trial) tried.value = { of: held, trial };
}

/** How the envelope is: a new token is a new envelope. */
export const state = computed(() => (tried.value && tried.value.of === session.value?.token ? tried.value.trial : standing.value));

/** Keeps the one at the head of the page as it is. */
export function follow() {
  const figure = document.getElementById("envelope");
  const caption = figure?.querySelector("[data-caption]");
  if (!figure || !caption) return;
  effect(() => {
    figure.dataset.state = state.value;
    caption.textContent = CAPTIONS[state.value];
  });
}
