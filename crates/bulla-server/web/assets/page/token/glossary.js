// What each member of a token means, as the glossary in index.html says.

/** Said of what the glossary does not have. */
const UNKNOWN = "The issuer’s own: only it can say.";

/** Seconds since 1970. */
export const TIMES = new Set(["exp", "nbf", "iat", "auth_time"]);

/** @type {Map<string, string | null>} */
const meanings = new Map();
for (const list of document.querySelectorAll("[data-glossary]")) {
  const part = list.getAttribute("data-glossary");
  for (const term of list.querySelectorAll("dt")) meanings.set(`${part} ${term.textContent}`, term.nextElementSibling?.textContent ?? null);
}

/**
 * What a member means.
 *
 * @param {string} part `header` or `payload`
 * @param {string} name
 */
export function meaning(part, name) {
  return meanings.get(`${part} ${name}`) ?? UNKNOWN;
}
