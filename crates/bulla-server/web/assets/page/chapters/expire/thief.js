// A thief copies the refresh token, the owner goes on, the thief comes.

import { signal } from "../../../vendor/preact.js";
import { accepted } from "../../wire/ask.js";
import { generation, here, keep, opened, pause, profile, refresh } from "./here.js";

/** What the thief has. */
export const copy = signal(/** @type {string | null} */ (null));
/** The generation that the owner has certainly had: an exchange of it was answered. */
export const settled = signal(0);
/** What the owner waits for. */
export const waiting = signal("");

/** How often the owner looks whether the newest is settled: it takes 5 s in the demo, a minute elsewhere. */
const PATIENCE = 1000;

export async function steal() {
  if (!here.value) await opened();
  copy.value = here.value?.refresh ?? null;
  settled.value = 0;
}

/** The owner refreshes until the copy is older than the settled generation. */
export async function goOn() {
  while (here.value && copy.value && settled.value <= generation(copy.value)) {
    const before = generation(here.value.refresh);
    const exchange = keep(await refresh(here.value.refresh));
    if (!accepted(exchange)) break;
    if (generation(here.value.refresh) > before) {
      settled.value = before;
    } else {
      waiting.value = `Generation ${before} is young: asked again at once, it is the same. Waiting until it counts as received …`;
      await pause(PATIENCE);
    }
  }
  waiting.value = "";
}

/** The thief comes; then the owner. */
export async function replay() {
  if (!copy.value) return;
  const thief = await refresh(copy.value);
  if (accepted(thief)) {
    keep(thief);
    return;
  }
  if (here.value) await refresh(here.value.refresh);
  await profile();
}
