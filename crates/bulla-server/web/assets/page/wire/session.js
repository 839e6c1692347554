// Accounts that the page makes up, and the sessions that are opened with them. Nothing of it outlives the page.

import { decode } from "../token/jwt.js";
import { accepted } from "./ask.js";
import { serverNow } from "./clock.js";

/** @typedef {import("./ask.js").Exchange} Exchange */
/** @typedef {(asked: import("./ask.js").Asked) => Promise<Exchange>} Send sends a request, and shows it or not */

/** A session, and its tokens as they were handed out last. */
export class Session {
  /** @param {any} answer a session answer of the server */
  constructor({ session, access_token: token, refresh_token: refresh }) {
    this.id = /** @type {string | undefined} */ (session?.id);
    this.token = /** @type {string} */ (token);
    /** A visitor has none. */
    this.refresh = /** @type {string | undefined} */ (refresh);
    /** What the token says; unverified, as everything that a client reads in it. */
    this.claims = decode(this.token).payload.json ?? {};
    /** In milliseconds since 1970. */
    this.end = Number(this.claims.exp ?? 0) * 1000;
  }

  get isAnonymous() {
    return this.refresh === undefined;
  }

  /** For how many seconds the token is good by itself. */
  get left() {
    return (this.end - serverNow()) / 1000;
  }
}

/**
 * The session that an answer opened or renewed; `null`: none.
 *
 * @param {Exchange} exchange
 */
export function sessionOf(exchange) {
  return accepted(exchange) && exchange.answer?.access_token ? new Session(exchange.answer) : null;
}

/** A request with less left than this may come too late. */
const SECONDS = 2;

/**
 * A session whose token is good for a moment yet: itself, or renewed. As it is if the server does not renew it.
 *
 * @param {Session} session
 * @param {Send} send
 */
export async function fresh(session, send) {
  if (session.left > SECONDS || !session.refresh) return session;
  return sessionOf(await send({ path: "/auth/refresh", body: { refresh_token: session.refresh } })) ?? session;
}

/** @param {number} bytes */
function random(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An account that the page makes up. Who uses one of their own is in nobody's way. */
export class Account {
  credentials = { email: `reader-${random(4)}@example.com`, password: `${random(4)} sealed clay tablets` };
  #isThere = false;

  /**
   * Notes what an answer tells of which account there is.
   *
   * @param {Exchange} exchange
   */
  note({ path, body, status }) {
    const isThere = (path === "/auth/register" && status === 201) || (path === "/auth/login" && status === 200);
    if (!isThere) return;
    const { email, password } = JSON.parse(body ?? "");
    this.credentials = { email, password };
    this.#isThere = true;
  }

  /**
   * Opens a session; the account is made if there is none.
   *
   * @param {Send} send
   * @param {number} [expires_in] a shorter life for the access token, in seconds
   */
  async open(send, expires_in) {
    const body = { ...this.credentials, expires_in };
    const signIn = () => send({ path: "/auth/login", body });
    const signUp = async () => {
      const exchange = await send({ path: "/auth/register", body });
      this.note(exchange);
      return exchange;
    };
    if (!this.#isThere) {
      const made = await signUp();
      return made.answer?.code === "email_taken" ? signIn() : made;
    }
    const opened = await signIn();
    // A server that began anew does not know it any more.
    return opened.answer?.code === "credentials_invalid" ? signUp() : opened;
  }
}
