// Who answers at this address.

import { effect } from "../vendor/preact.js";
import { latest } from "./wire/ask.js";

/** Says which issuer is running and with which keys, and says it anew when that may have changed. */
export function tellStatus() {
  const status = document.getElementById("status");
  const text = status?.querySelector("[data-status]");
  if (!status || !text) return;
  const tell = async () => {
    const said = await running().catch(() => null);
    status.dataset.live = said ? "yes" : "no";
    text.textContent = said ?? "the issuer does not answer";
  };
  tell();
  effect(() => {
    const isLive = status.dataset.live !== "no";
    if (latest.value && latest.value.status > 0 !== isLive) tell();
  });
}

async function running() {
  const [metadata, { keys }] = await Promise.all(
    ["/.well-known/oauth-authorization-server", "/.well-known/jwks.json"].map((path) => fetch(path).then((answer) => answer.json())),
  );
  const algorithms = [...new Set(keys.map((/** @type {{ alg: string }} */ key) => key.alg))].join(", ");
  return `${metadata.issuer} · ${keys.length ? `${keys.length} public keys, ${algorithms}` : "keys stay inside"}`;
}
