import { BullaError, type Problem } from "./error.js";

/** How long an answer may take, in milliseconds. */
const PATIENCE = 10_000;
/** A clock that is off by less is right: `Date` counts whole seconds. */
const TOLERANCE = 2_000;

export interface Asked {
  readonly body?: object | undefined;
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

/** Requests to Bulla itself, and its clock. */
export class Wire {
  #skew = 0;

  constructor(
    readonly base: string,
    readonly cookies: boolean,
    readonly send: typeof fetch,
  ) {}

  /** The server's time, in milliseconds. */
  now(): number {
    return Date.now() + this.#skew;
  }

  /**
   * Sends one request.
   *
   * @returns the body, or `undefined` if there is none
   * @throws BullaError, or the signal's reason
   */
  async ask(method: string, path: string, { body, token, signal }: Asked): Promise<unknown> {
    signal.throwIfAborted();
    const stop = new AbortController();
    const abort = () => stop.abort();
    const timer = setTimeout(abort, PATIENCE);
    signal.addEventListener("abort", abort);
    try {
      const response = await this.send(this.base + path, {
        method,
        headers: this.#headers(method, body, token),
        body: body ? JSON.stringify(body) : null,
        signal: stop.signal,
        cache: "no-store",
        ...(this.cookies && { credentials: "include" as const }),
      });
      this.#measure(response);
      const text = await response.text();
      return read(response, text);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof BullaError ? error : new BullaError("network_failed");
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  #headers(method: string, body?: object, token?: string): Record<string, string> {
    return {
      ...(body && { "Content-Type": "application/json" }),
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(this.cookies && method !== "GET" && { "X-Bulla-CSRF": "1", "X-Bulla-Mode": "cookie" }),
    };
  }

  #measure({ headers }: Response): void {
    const skew = Date.parse(headers.get("Date") ?? "") - Date.now();
    if (skew === skew) this.#skew = Math.abs(skew) < TOLERANCE ? 0 : skew;
  }
}

function read({ ok, status, headers }: Response, text: string): unknown {
  let body: unknown;
  try {
    body = text ? JSON.parse(text) : undefined;
  } catch {
    throw new BullaError("response_unexpected", status);
  }
  if (ok) return body;
  const problem = (body ?? {}) as Problem;
  const wait = Number(headers.get("Retry-After"));
  throw new BullaError(problem.code ?? "response_unexpected", status, problem, wait > 0 ? wait : undefined);
}
