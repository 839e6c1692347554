// A thief copies the refresh token, the owner goes on, the thief comes.

import { signal } from "../../../vendor/preact.js";
import { accepted } from "../../wire/ask.js";
import { begin, generation, pause } from "./life.js";

/** @typedef {import("./life.js").Life} Life */

/** The session that is stolen from, and what the thief has of it. */
export const theft = signal(/** @type {{ life: Life, copy: string } | null} */ (null));
/** What the owner waits for. */
export const waiting = signal("");
/** What became of the copy. */
export const outcome = signal("");

/** Long enough that nobody who reads on meanwhile sees a token end by itself. */
const SECONDS = 300;
/** How often the owner looks whether the newest is settled: it takes 5 s in the demo, a minute elsewhere. */
const PATIENCE = 1000;

/** The thief copies the refresh token of a session that is opened for it. */
export async function steal() {
  outcome.value = "";
  const life = await begin(SECONDS);
  if (life) have(life, life.held.value.refresh ?? "");
}

/**
 * @param {Life} life
 * @param {string} copy
 */
function have(life, copy) {
  life.stolen.value = generation(copy);
  theft.value = { life, copy };
}

/** Whether the copy is older than what is good: who presents it gives themselves away. */
export const isOld = () => theft.value !== null && theft.value.life.settled.value > theft.value.life.stolen.value;
export const isOver = () => theft.value === null || theft.value.life.over.value !== "";

/** The owner refreshes until the copy is older than the settled generation. */
export async function goOn() {
  const { life } = theft.value ?? {};
  outcome.value = "";
  try {
    while (life && !isOld()) {
      const before = life.newest.value;
      if (!accepted(await life.refresh())) break;
      if (life.newest.value > before) continue;
      waiting.value = `Generation ${before} is young: asked again at once, it is the same. Waiting until it counts as received …`;
      await pause(PATIENCE);
    }
  } finally {
    waiting.value = "";
  }
}

/** The thief comes; if that shows the theft, the owner comes after. */
export async function replay() {
  if (!theft.value) return;
  const { life, copy } = theft.value;
  const exchange = await life.exchange(copy);
  if (accepted(exchange)) {
    have(life, exchange.answer.refresh_token);
    outcome.value = "Accepted: its owner has not moved on yet, so the copy is as good as the original. Let its owner go on.";
  } else if (exchange.status === 401) {
    await life.refresh();
    await life.profile();
    outcome.value = "The session is over, for the thief and for its owner.";
  }
}
