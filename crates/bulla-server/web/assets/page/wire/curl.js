// A request as a command for a terminal.

/** @typedef {import("./ask.js").Exchange} Exchange */

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * The command that makes the same request.
 *
 * @param {Exchange} exchange
 */
export function curl({ method, path, sent, body }) {
  const parts = [`curl -i ${quoted(new URL(path, location.href).href)}`];
  if (method !== (body === undefined ? "GET" : "POST")) parts[0] += ` -X ${method}`;
  for (const [name, value] of sent) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) parts.push(`-d ${quoted(body)}`);
  return parts.join(" \\\n  ");
}
