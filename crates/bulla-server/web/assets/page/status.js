// Who answers at this address.

/** Says which issuer is running and with which keys. */
export async function tellStatus() {
  const status = document.getElementById("status");
  const text = status?.querySelector("[data-status]");
  if (!status || !text) return;
  try {
    const [metadata, { keys }] = await Promise.all(
      ["/.well-known/oauth-authorization-server", "/.well-known/jwks.json"].map((path) => fetch(path).then((answer) => answer.json())),
    );
    const algorithms = [...new Set(keys.map((/** @type {{ alg: string }} */ key) => key.alg))].join(", ");
    status.dataset.live = "yes";
    text.textContent = `${metadata.issuer} · ${keys.length ? `${keys.length} public keys, ${algorithms}` : "keys stay inside"}`;
  } catch {
    status.dataset.live = "no";
    text.textContent = "the issuer does not answer";
  }
}
