// Brings the page to life. Its text is all in index.html; each element with `data-stage` gets what the module of that name
// shows, loaded when the reader comes near.

import { html, render } from "../vendor/preact.js";
import { Holding } from "./holding.js";
import { follow } from "./envelope.js";
import { ask as askQuestions } from "./questions.js";
import { tellStatus } from "./status.js";

/**
 * Every chapter and lab: what its element is called, and the module whose default export is its component.
 *
 * @type {Record<string, () => Promise<{ default: () => unknown }>>}
 */
const STAGES = {
  get: () => import("./chapters/get.js"),
  anatomy: () => import("./chapters/anatomy.js"),
  verify: () => import("./chapters/verify.js"),
  toy: () => import("./chapters/toy.js"),
  expire: () => import("./chapters/expire/index.js"),
  sessions: () => import("./labs/sessions/index.js"),
  storage: () => import("./labs/storage/index.js"),
  devices: () => import("./labs/devices.js"),
  limits: () => import("./labs/limits.js"),
  abuse: () => import("./labs/abuse.js"),
  proof: () => import("./labs/proof.js"),
  service: () => import("./labs/service.js"),
  encrypted: () => import("./labs/encrypted.js"),
};

/** How far from the window a stage is loaded. */
const NEAR = "800px";
/** After how many milliseconds what did not load is tried again. */
const AGAIN = 2000;

const stages = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-stage]")]);
/** @type {Map<HTMLElement, Promise<void>>} */
const shown = new Map();

/**
 * Shows a stage, once; tries again as long as it does not load.
 *
 * @param {HTMLElement} root
 */
function show(root) {
  const showing = shown.get(root) ?? load(root).catch(() => {
    shown.delete(root);
    root.dataset.failed = "true";
    setTimeout(() => near.observe(root), AGAIN);
  });
  shown.set(root, showing);
  return showing;
}

/** @param {HTMLElement} root */
async function load(root) {
  const { default: Stage } = (await STAGES[root.dataset.stage ?? ""]?.()) ?? {};
  if (!Stage) return;
  delete root.dataset.failed;
  root.replaceChildren();
  render(html`<${Stage} />`, root);
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      show(/** @type {HTMLElement} */ (target));
    }
  },
  { rootMargin: NEAR },
);
for (const stage of stages) near.observe(stage);

/** Brings what the address names to the top. Stages above it take their room first: they would push it away. */
async function arrive() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  const isAbove = (/** @type {Element} */ stage) => stage.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING;
  await Promise.all(stages.filter((stage) => isAbove(stage) || target.contains(stage)).map(show));
  target.scrollIntoView();
}
addEventListener("hashchange", arrive);
arrive();

const holding = document.querySelector("[data-holding]");
if (holding) {
  holding.replaceChildren();
  render(html`<${Holding} />`, holding);
}
follow();
askQuestions();
tellStatus();
