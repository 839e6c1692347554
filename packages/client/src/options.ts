import type { BullaError } from "./error.js";
import type { Session } from "./session.js";
import type { KeyValue } from "./shelf.js";

export interface ClientOptions {
  /** Where Bulla answers, such as `https://api.example.com`. Left out: where the page came from. */
  readonly url?: string;
  /** `cookie`: the browser keeps the tokens, and no script sees one. `token`: this client does. */
  readonly mode?: "cookie" | "token";
  /**
   * Where the session outlives the page. In cookie mode `localStorage`, which then says who is signed in, without a token;
   * `null` for nowhere. In token mode nowhere, unless it is given: then the refresh token is there too, for every script to read.
   */
  readonly storage?: KeyValue | null;
  /** Instead of the global `fetch`, which is never patched. */
  readonly fetch?: typeof fetch;
  /** Seconds before the end of an access token at which it is replaced, at the latest. */
  readonly leeway?: number;
  /** Whether tabs take turns at refreshing. */
  readonly locks?: boolean;
  /** Other origins that this session's token, or its cookies, may be sent to. */
  readonly origins?: readonly string[];
}

interface Secrets {
  readonly password: string;
  /** Asks for a shorter access token, in seconds. */
  readonly expires_in?: number;
}

/** A name to sign in by: exactly one of these. */
type Name = { readonly email: string; readonly username?: never } | { readonly username: string; readonly email?: never };

export type Credentials = Secrets & Name;

/** At least one of `email` and `username`. */
export type Registration = Secrets & { readonly name?: string } & (
    | { readonly email: string; readonly username?: string }
    | { readonly username: string; readonly email?: string }
  );

export interface ProofOptions {
  /** Stops the work. */
  readonly signal?: AbortSignal;
  /** Told after each puzzle which share of them is solved, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

export type SessionEvent = "signed_in" | "renewed" | "signed_out";

/** `reason`: why somebody was signed out who did not ask for it. */
export type Listener = (event: SessionEvent, session: Session | null, reason?: BullaError) => void;
