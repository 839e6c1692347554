// The clay envelope: sealed as soon as the reader holds a token.

import { effect, signal } from "../vendor/preact.js";
import { session } from "./wire/session.js";

const CAPTIONS = {
  open: "Not sealed yet: the API does not know you.",
  sealed: "Sealed. Anybody may read the outside; the seal shows whether it was changed.",
  broken: "Something was changed. The seal is broken, and it shows.",
};

/** Whether the reader has just sent a token whose seal is broken. */
export const broken = signal(false);

/** Keeps the envelope as the token is. */
export function follow() {
  const object = document.getElementById("object");
  const caption = object?.querySelector("[data-caption]");
  if (!object || !caption) return;
  effect(() => {
    const state = broken.value ? "broken" : session.value ? "sealed" : "open";
    object.dataset.state = state;
    caption.textContent = CAPTIONS[state];
  });
}
