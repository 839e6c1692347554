import { BullaError, unanswered, type Problem } from "./error.js";

/** How long an answer may take, in milliseconds. */
const PATIENCE = 10_000;
/** A clock that is off by less is right: `Date` counts whole seconds. */
const TOLERANCE = 2_000;

export interface Asked {
  readonly body?: object | undefined;
  readonly token?: string | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of the bare `fetch`. */
  readonly send?: typeof fetch | undefined;
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
  async ask(method: string, path: string, { body, token, signal = new AbortController().signal, send = this.send }: Asked): Promise<unknown> {
    signal.throwIfAborted();
    const stop = new AbortController();
    const abort = () => stop.abort();
    const timer = setTimeout(abort, PATIENCE);
    signal.addEventListener("abort", abort);
    try {
      const response = await send(this.base + path, {
        method,
        headers: {
          ...this.headers(method, token),
          ...(body && { "Content-Type": "application/json" }),
          ...(body && this.cookies && { "X-Bulla-Mode": "cookie" }),
        },
        body: body ? JSON.stringify(body) : null,
        signal: stop.signal,
        cache: "no-store",
        ...(this.cookies && { credentials: "include" as const }),
      });
      return this.#read(response, await response.text());
    } catch (error) {
      signal.throwIfAborted();
      return unanswered(error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** What proves who asks: the token, or, beside its cookie, that a script of the page means it. */
  headers(method: string, token?: string | false | null): Record<string, string> {
    if (token) return { Authorization: `Bearer ${token}` };
    return this.cookies && !/^(GET|HEAD|OPTIONS)$/i.test(method) ? { "X-Bulla-CSRF": "1" } : {};
  }

  #read(response: Response, text: string): unknown {
    const body = parse(response, text);
    const refusal = response.ok ? undefined : refusalOf(response, body);
    // Only what is certainly Bulla's sets the clock: a network in between answers too.
    if ((body as { user?: object } | undefined)?.user || refusal?.requestId) this.#measure(response);
    if (refusal) throw refusal;
    return body;
  }

  #measure({ headers }: Response): void {
    const skew = Date.parse(headers.get("Date") ?? "") - Date.now();
    if (skew === skew) this.#skew = Math.abs(skew) < TOLERANCE ? 0 : skew;
  }
}

/** Waits no longer than the signal lets. */
export const orAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    work.then(resolve, reject);
  });

/** @throws BullaError `response_unexpected` if it is no JSON */
export function parse({ status }: Response, text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    throw new BullaError("response_unexpected", status);
  }
}

/** What a refusal says, if it is Bulla's. */
export function refusalOf({ status, headers }: Response, body: unknown): BullaError {
  const problem = (Object(body) as Problem).request_id ? (body as Problem) : {};
  const wait = Number(headers.get("Retry-After"));
  return new BullaError(problem.code ?? "response_unexpected", status, problem, wait > 0 ? wait : undefined);
}
