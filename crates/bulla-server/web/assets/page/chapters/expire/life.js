// The sessions of chapter 4: each step opens its own, so that what is done to one is not told of another.

import { computed, signal } from "../../../vendor/preact.js";
import { fromBase64url } from "../../token/jwt.js";
import { accepted } from "../../wire/ask.js";
import { Log } from "../../wire/log.js";
import { Account, Session, sessionOf } from "../../wire/session.js";

/** @typedef {import("../../wire/ask.js").Exchange} Exchange */

export const log = new Log();
const account = new Account();

/** The one that was touched last, which the figures show. */
export const shown = signal(/** @type {Life | null} */ (null));

/** What is known of a session: its owner's tokens, and its generations. */
export class Life {
  /**
   * @param {Session} opened
   * @param {number} seconds how long an access token of it is good
   */
  constructor(opened, seconds) {
    this.seconds = seconds;
    /** What its owner holds. */
    this.held = signal(opened);
    /** The highest generation that was handed out, to whomever. */
    this.newest = signal(generation(opened.refresh));
    /** The one that its holder has certainly had: it was exchanged for a newer one. */
    this.settled = signal(0);
    /** The generation that a thief has, or 0. */
    this.stolen = signal(0);
    /** The code with which the server said that the session is over. */
    this.over = signal("");
    /** The code with which the access token was refused. */
    this.refused = signal("");
    this.end = computed(() => this.held.value.end);
  }

  /**
   * Exchanges a refresh token of this session. Who presented it keeps what comes.
   *
   * @param {string | undefined} token
   */
  async exchange(token) {
    shown.value = this;
    const body = { refresh_token: token, expires_in: this.seconds };
    const exchange = await log.ask({ path: "/auth/refresh", body });
    const came = sessionOf(exchange);
    if (came && generation(came.refresh) > this.newest.value) {
      this.newest.value = generation(came.refresh);
      this.settled.value = generation(token);
    }
    if (exchange.status === 401) this.over.value = exchange.answer?.code;
    return exchange;
  }

  /** Its owner refreshes. */
  async refresh() {
    const exchange = await this.exchange(this.held.value.refresh);
    this.held.value = sessionOf(exchange) ?? this.held.value;
    if (accepted(exchange)) this.refused.value = "";
    return exchange;
  }

  /** Asks who its owner is, by the access token. */
  async profile() {
    shown.value = this;
    const exchange = await log.ask({ path: "/api/profile", token: this.held.value.token });
    this.refused.value = exchange.status === 401 ? exchange.answer?.code : "";
    if (this.refused.value === "token_revoked") this.over.value = this.refused.value;
    return exchange;
  }
}

/**
 * Opens a session; `null` if the server refuses.
 *
 * @param {number} seconds how long its access tokens are good
 */
export async function begin(seconds) {
  const opened = sessionOf(await account.open((asked) => log.ask(asked), seconds));
  shown.value = opened && new Life(opened, seconds);
  return shown.value;
}

/**
 * Which generation of its session a refresh token is: `brt_`, then in base64url the key's version (4 bytes), the session (16), the
 * generation (8) and a MAC.
 *
 * @param {string | undefined} token
 */
export function generation(token = "") {
  const bytes = fromBase64url(token.slice("brt_".length));
  return bytes && bytes.length >= 28 ? Number(new DataView(bytes.buffer).getBigUint64(20)) : 0;
}

/** @param {number} milliseconds */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
