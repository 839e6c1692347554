// A token without an account: gets a challenge, solves it in a worker, and redeems it.

import { solve } from "./puzzle.js";

/**
 * @typedef {object} Options
 * @property {string} [url] where Bulla answers; left out: where the page came from
 * @property {string} [token] an anonymous token that still holds: the visitor stays who it was
 * @property {AbortSignal} [signal] stops the work
 * @property {(share: number) => void} [onProgress] told after each puzzle which share of them is solved, 0 to 1
 */

/** A request that was refused, with the stable code of the problem. */
export class HandshakeRefused extends Error {
  /**
   * @param {number} status the HTTP status
   * @param {{ code?: string, detail?: string }} problem the problem (RFC 9457), as far as there is one
   */
  constructor(status, problem) {
    super(problem.detail ?? `the server answered ${status}`);
    this.name = "HandshakeRefused";
    this.status = status;
    this.code = problem.code;
  }
}

/**
 * Gets an anonymous token.
 *
 * @param {Options} [options]
 * @returns {Promise<object>} the session answer: `access_token`, `expires_in`, `user`
 * @throws {HandshakeRefused} if the server refuses
 * @throws the reason of the signal if it is aborted
 */
export async function anonymousSession({ url = "", token, signal, onProgress } = {}) {
  const asked = await ask(`${url}/auth/challenge`, { signal });
  const nonces = await solveInWorker(asked, signal, onProgress);
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const body = JSON.stringify({ challenge: asked.challenge, nonces });
  return ask(`${url}/auth/anonymous`, { method: "POST", headers, body, signal });
}

/** The worker did not start, or it failed. */
class NoWorker extends Error {}

/**
 * Solves a challenge without holding up the page; where there are no workers, between two breaths of it.
 *
 * @param {{ challenge: string, puzzles: number, difficulty: number }} asked what `GET /auth/challenge` answered
 * @param {AbortSignal} [signal] stops the work
 * @param {(share: number) => void} [onProgress] as in {@link Options}
 * @returns {Promise<number[]>} the nonces
 */
export async function solveInWorker(asked, signal, onProgress) {
  signal?.throwIfAborted();
  try {
    return await inWorker(asked, signal, onProgress);
  } catch (error) {
    if (!(error instanceof NoWorker)) throw error;
    return inPage(asked, signal, onProgress);
  }
}

/** @type {typeof solveInWorker} */
async function inPage({ challenge, puzzles, difficulty }, signal, onProgress) {
  const nonces = [];
  while (nonces.length < puzzles) {
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    nonces.push(solve(challenge, nonces.length, difficulty));
    onProgress?.(nonces.length / puzzles);
  }
  return nonces;
}

/** @type {typeof solveInWorker} */
async function inWorker(asked, signal, onProgress) {
  const worker = new Worker(new URL("./handshake-worker.js", import.meta.url), { type: "module" });
  let stop = () => {};
  try {
    return await new Promise((resolve, reject) => {
      stop = () => reject(signal?.reason);
      signal?.addEventListener("abort", stop, { once: true });
      worker.onerror = () => reject(new NoWorker());
      worker.onmessage = ({ data }) => {
        if (data.nonces) resolve(data.nonces);
        else onProgress?.(data.solved / asked.puzzles);
      };
      const { challenge, puzzles, difficulty } = asked;
      worker.postMessage({ challenge, puzzles, difficulty });
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    worker.terminate();
  }
}

/**
 * @param {string} url
 * @param {RequestInit} options
 */
async function ask(url, options) {
  const response = await fetch(url, { cache: "no-store", ...options });
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const body = isJson ? await response.json() : {};
  if (!response.ok) throw new HandshakeRefused(response.status, body);
  return body;
}
