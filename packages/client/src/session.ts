import { BullaError } from "./error.js";
import type { Wire } from "./wire.js";

/** An account, or a visitor without one, as the server last described it. */
export interface User {
  /** Claim `sub`. */
  readonly id: string;
  readonly email: string | null;
  readonly username: string | null;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly plan: string;
}

/** Who is signed in. Holds no token. */
export interface Session {
  /** Claim `sid`; `null` for a visitor. */
  readonly id: string | null;
  readonly user: User;
  /** Whether it is a visitor without an account. */
  readonly anonymous: boolean;
  /** When the access token ends, in milliseconds by the server's clock: compare it with `bulla.now()`. */
  readonly expiresAt: number;
}

/** A session answer. */
export interface Answer {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly session?: { readonly id: string } | null;
  readonly user: User;
}

/** A session and what continues it. */
export interface Held {
  readonly session: Session;
  /** The access token, in token mode. Never stored. */
  readonly token?: string | undefined;
  /** What brings the next one, in token mode: the refresh token, or a visitor's own token. */
  readonly renewal?: string | undefined;
}

/** What is the same for as long as somebody stays signed in. */
export const keyOf = ({ id, user }: Session): string => id ?? user.id;

/** Whether somebody stayed signed in from one to the other. */
export const isSame = (one: Session | null | undefined, other: Session | null | undefined): boolean =>
  !!one && !!other && keyOf(one) === keyOf(other);

/** Whether it can be gone on with: what is stored or told may be of another version, or of somebody else. */
export const isUsable = (held: Held | null | undefined): held is Held =>
  !!held?.session?.user?.id && Number.isFinite(held.session.expiresAt);

/** @throws BullaError `response_unexpected` if it is no session */
export function heldFrom(answer: unknown, wire: Wire): Held {
  const { session, user, access_token: token, refresh_token, expires_in } = Object(answer) as Answer;
  const held: Held = {
    session: Object.freeze({
      id: session?.id ?? null,
      user,
      anonymous: !session,
      expiresAt: wire.now() + expires_in * 1000,
    }),
    token,
    renewal: refresh_token ?? (session ? undefined : token),
  };
  if (!isUsable(held) || expires_in <= 0 || !(wire.cookies || (token && held.renewal))) throw new BullaError("response_unexpected");
  return held;
}
