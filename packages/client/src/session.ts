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
  readonly access_token?: string | null;
  readonly refresh_token?: string | null;
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
export const keyOf = ({ session }: Held): string => session.id ?? session.user.id;

export function heldFrom(answer: Answer, now: number): Held {
  const anonymous = !answer.session;
  const token = answer.access_token ?? undefined;
  return {
    session: Object.freeze({
      id: answer.session?.id ?? null,
      user: answer.user,
      anonymous,
      expiresAt: now + answer.expires_in * 1000,
    }),
    token,
    renewal: answer.refresh_token ?? (anonymous ? token : undefined),
  };
}
