// Sends real requests to the server that the page came from, and keeps what went over the wire.

import { signal } from "../../vendor/preact.js";
import { heard } from "./clock.js";

/**
 * A request that the page makes.
 *
 * @typedef {object} Asked
 * @property {string} [method] `POST` if there is a body, else `GET`
 * @property {string} path
 * @property {Record<string, string>} [headers]
 * @property {string} [token] sent as `Authorization: Bearer`
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string>} [form] sent as a form
 * @property {RequestCredentials} [cookies] `omit` unless the request is about cookies
 * @property {AbortSignal} [signal]
 */

/**
 * A request and what became of it. `status` is 0 if there was no answer.
 *
 * @typedef {object} Exchange
 * @property {number} at when it was sent, by `performance.now()`
 * @property {string} method
 * @property {string} path
 * @property {string | undefined} token that was sent as `Authorization: Bearer`
 * @property {[string, string][]} sent the header fields that the page set
 * @property {string | undefined} body
 * @property {number} status
 * @property {string} reason
 * @property {string} protocol as in a status line
 * @property {[string, string][]} received the header fields that a page may read
 * @property {string} text the answer's body
 * @property {any} answer the body, if it is JSON; else null. A refusal in the words of RFC 6749 has `code` and `detail` too
 * @property {number} milliseconds
 */

/** The exchange that ended last, of whichever chapter. */
export const latest = signal(/** @type {Exchange | null} */ (null));

/**
 * Makes a request. Never throws: that there was no answer is told by the exchange.
 *
 * @param {Asked} asked
 * @returns {Promise<Exchange>}
 */
export async function ask({ body, form, token, headers = {}, cookies = "omit", signal, ...asked }) {
  const text = form ? new URLSearchParams(form).toString() : body === undefined ? undefined : JSON.stringify(body);
  const method = asked.method ?? (text === undefined ? "GET" : "POST");
  /** @type {Record<string, string>} */
  const sent = { ...headers };
  if (token !== undefined) sent.Authorization = `Bearer ${token}`;
  if (text !== undefined) sent["Content-Type"] = form ? "application/x-www-form-urlencoded" : "application/json";
  const before = performance.now();
  /** @type {Exchange} */
  const exchange = {
    at: before, method, path: asked.path, token, sent: Object.entries(sent), body: text,
    status: 0, reason: "", protocol: "HTTP/1.1", received: [], text: "", answer: null, milliseconds: 0,
  };
  try {
    const options = { method, headers: sent, body: text, credentials: cookies, cache: /** @type {const} */ ("no-store"), signal };
    const response = await fetch(asked.path, options);
    exchange.milliseconds = performance.now() - before;
    heard(response.headers.get("Date"), before, before + exchange.milliseconds);
    exchange.status = response.status;
    exchange.reason = response.statusText;
    exchange.received = [...response.headers];
    exchange.text = await response.text();
    if ((response.headers.get("Content-Type") ?? "").includes("json")) exchange.answer = inOurWords(JSON.parse(exchange.text));
  } catch (error) {
    exchange.milliseconds = performance.now() - before;
    exchange.reason = error instanceof Error ? error.message : String(error);
  }
  exchange.protocol = protocolOf(exchange.path) ?? exchange.protocol;
  latest.value = exchange;
  return exchange;
}

/**
 * Whether the server did what it was asked.
 *
 * @param {Exchange} exchange
 */
export function accepted(exchange) {
  return exchange.status >= 200 && exchange.status < 300;
}

/**
 * What the server said, in a few words: `401 token_expired`, `200 OK`, `no answer`.
 *
 * @param {Exchange} exchange
 */
export function said({ status, reason, answer }) {
  return status === 0 ? "no answer" : `${status} ${answer?.code ?? reason}`.trim();
}

/**
 * A header field of the answer; the name in lower case.
 *
 * @param {Exchange} exchange
 * @param {string} name
 */
export function field(exchange, name) {
  return exchange.received.find(([known]) => known === name)?.[1];
}

/** @param {any} answer */
function inOurWords(answer) {
  return answer?.error ? { ...answer, code: answer.error, detail: answer.error_description } : answer;
}

/** @param {string} path */
function protocolOf(path) {
  const entries = performance.getEntriesByName(new URL(path, location.href).href, "resource");
  const protocol = /** @type {PerformanceResourceTiming | undefined} */ (entries.at(-1))?.nextHopProtocol;
  return protocol ? { "http/1.1": "HTTP/1.1", h2: "HTTP/2", h3: "HTTP/3" }[protocol] : undefined;
}
