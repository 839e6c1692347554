// What the answer of a limited route says of its limit: draft-ietf-httpapi-ratelimit-headers.

import { field } from "./ask.js";

/**
 * @typedef {object} Limit
 * @property {string} name
 * @property {number} quota requests in a window
 * @property {number} window seconds
 * @property {number} burst how many may come at once
 * @property {number} remaining how many may come now
 * @property {number | undefined} next seconds until there is one more
 */

/**
 * @param {import("./ask.js").Exchange} exchange
 * @returns {Limit | null} `null` if nothing is counted there
 */
export function limitOf(exchange) {
  const [policy, limit] = [field(exchange, "ratelimit-policy"), field(exchange, "ratelimit")];
  if (!policy || !limit) return null;
  const number = (/** @type {string} */ text, /** @type {string} */ name) => {
    const found = new RegExp(`;${name}=(\\d+)`).exec(text);
    return found ? Number(found[1]) : undefined;
  };
  const quota = number(policy, "q") ?? 0;
  return {
    name: /^"([^"]*)"/.exec(policy)?.[1] ?? "",
    quota,
    window: number(policy, "w") ?? 1,
    burst: number(policy, "bulla-burst") ?? quota,
    remaining: number(limit, "r") ?? 0,
    next: number(limit, "t"),
  };
}
