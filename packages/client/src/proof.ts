// The puzzles are solved by the modules that Bulla's own page uses; they are bundled into this package when it is built.
import { solve as solveOne } from "../../../crates/bulla-server/web/assets/puzzle.js";
import type { ProofOptions } from "./options.js";
import type { Wire } from "./wire.js";

/** What `GET /auth/challenge` answers. */
interface Puzzles {
  readonly challenge: string;
  readonly puzzles: number;
  readonly difficulty: number;
}

type Progress = ((share: number) => void) | undefined;

/**
 * Asks for a challenge, solves it, and redeems it.
 *
 * @param token a visitor's, who stays who it was
 * @param until ends it too
 * @returns the session answer
 */
export async function prove(wire: Wire, token: string | undefined, until: AbortSignal, options: ProofOptions = {}): Promise<unknown> {
  const { signal, end } = either(until, options.signal);
  try {
    const asked = (await wire.ask("GET", "/auth/challenge", { signal })) as Puzzles;
    const nonces = await solve(asked, signal, options.onProgress);
    return await wire.ask("POST", "/auth/anonymous", { body: { challenge: asked.challenge, nonces }, token, signal });
  } finally {
    end();
  }
}

/** `AbortSignal.any`, which browsers before 2024 lack. */
function either(...signals: (AbortSignal | undefined)[]): { signal: AbortSignal; end: () => void } {
  const stop = new AbortController();
  const abort = () => stop.abort(signals.find((one) => one?.aborted)?.reason);
  for (const one of signals) one?.addEventListener("abort", abort);
  if (signals.some((one) => one?.aborted)) abort();
  return { signal: stop.signal, end: () => signals.forEach((one) => one?.removeEventListener("abort", abort)) };
}

/**
 * Solves a challenge in a worker, or, where none can be started, between other work.
 *
 * @returns the nonces
 * @throws the reason of the signal
 */
async function solve(asked: Puzzles, signal: AbortSignal, onProgress?: Progress): Promise<number[]> {
  signal.throwIfAborted();
  if (asked.puzzles && typeof Worker === "function") {
    const nonces = await inWorker(asked, signal, onProgress);
    if (nonces) return nonces;
  }
  return here(asked, signal, onProgress);
}

/** `undefined` if a worker cannot be started. */
async function inWorker(asked: Puzzles, signal: AbortSignal, onProgress: Progress): Promise<number[] | undefined> {
  let worker: Worker;
  try {
    worker = new Worker(new URL("./proof-worker.js", import.meta.url), { type: "module" });
  } catch {
    return undefined;
  }
  let stop = () => {};
  try {
    return await new Promise((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop);
      worker.onerror = () => resolve(undefined);
      worker.onmessage = ({ data }: MessageEvent<{ solved: number; nonces?: number[] }>) => {
        if (data.nonces) resolve(data.nonces);
        else onProgress?.(data.solved / asked.puzzles);
      };
      const { challenge, puzzles, difficulty } = asked;
      worker.postMessage({ challenge, puzzles, difficulty });
    });
  } finally {
    signal.removeEventListener("abort", stop);
    worker.terminate();
  }
}

async function here({ challenge, puzzles, difficulty }: Puzzles, signal: AbortSignal, onProgress: Progress): Promise<number[]> {
  const nonces: number[] = [];
  while (nonces.length < puzzles) {
    nonces.push(solveOne(challenge, nonces.length, difficulty));
    onProgress?.(nonces.length / puzzles);
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
  return nonces;
}
