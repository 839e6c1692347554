import type { components } from "./api.js";

/** Every stable code of Bulla's refusals. */
export type ServerCode = components["schemas"]["ProblemDocument"]["code"];

/** What this client says itself; every other code is the server's. */
export type ClientCode =
  /** No answer: offline, too late, or broken off. */
  | "network_failed"
  /** An answer that is not Bulla's: of something in between, or too old. */
  | "response_unexpected"
  /** Nobody is signed in, or not any more since the call began. */
  | "signed_out"
  /** In cookie mode no script has a token. */
  | "token_unavailable";

export type BullaErrorCode = ServerCode | ClientCode;

/** The members of a problem document (RFC 9457) that a program uses. */
export interface Problem {
  readonly code?: BullaErrorCode;
  readonly detail?: string;
  readonly field?: string;
  readonly request_id?: string;
}

/** A call that did not succeed. */
export class BullaError extends Error {
  override readonly name = "BullaError";
  declare readonly code: BullaErrorCode;
  /** The HTTP status; 0 where there was no answer. */
  declare readonly status: number;
  /** Whether the same call may succeed later. */
  declare readonly retryable: boolean;
  /** Seconds to wait before that, if the server said so. */
  declare readonly retryAfter: number | undefined;
  /** The member of the body that was refused. */
  declare readonly field: string | undefined;
  /** Names the request in the server's log. */
  declare readonly requestId: string | undefined;

  constructor(code: BullaErrorCode, status = 0, problem: Problem = {}, retryAfter?: number, cause?: unknown) {
    super(problem.detail ?? code, { cause });
    this.code = code;
    this.status = status;
    this.retryable = code === "network_failed" || code === "response_unexpected" || status === 429 || status >= 500;
    this.retryAfter = retryAfter;
    this.field = problem.field;
    this.requestId = problem.request_id;
  }
}

/**
 * What is thrown where there was no answer.
 *
 * @param cause what was thrown instead of one
 */
export function unanswered(cause: unknown): never {
  throw cause instanceof BullaError ? cause : new BullaError("network_failed", 0, {}, undefined, cause);
}
