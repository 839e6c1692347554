// Brings the page to life. Its text is all in index.html; each element with `data-stage` gets what the module of that name
// shows, loaded when the reader comes near.

import { html, render } from "../vendor/preact.js";
import { Holding } from "./holding.js";
import { follow } from "./object.js";
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

/** @param {Element} root */
async function show(root) {
  const load = STAGES[/** @type {HTMLElement} */ (root).dataset.stage ?? ""];
  if (!load) return;
  const { default: Stage } = await load();
  root.replaceChildren();
  render(html`<${Stage} />`, root);
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      show(target);
    }
  },
  { rootMargin: NEAR },
);
for (const stage of document.querySelectorAll("[data-stage]")) near.observe(stage);

const holding = document.querySelector("[data-holding]");
if (holding) {
  holding.replaceChildren();
  render(html`<${Holding} />`, holding);
}
follow();
askQuestions();
tellStatus();
