import { type Decoded, decode } from "./decode.js";
import type { BullaErrorCode } from "./error.js";
import { BullaError } from "./error.js";
import type { ClientOptions, Credentials, Listener, ProofOptions, Registration, SessionEvent } from "./options.js";
import type { Puzzles } from "./proof.js";
import { Renewals } from "./renewals.js";
import type { Held, Session } from "./session.js";
import { heldFrom, isSame, keyOf } from "./session.js";
import { localStorage, Shelf } from "./shelf.js";
import { type News, Tabs } from "./tabs.js";
import { Wire } from "./wire.js";

/** Refusals after which a session cannot go on. Nothing else signs anybody out. */
const FINAL: readonly (BullaErrorCode | undefined)[] = [
  "refresh_invalid",
  "refresh_reused",
  "session_expired",
  "session_revoked",
  "token_missing",
];

/** Whether a request was refused because of its token (RFC 6750 section 3.1). */
export const refusesToken = ({ status, headers }: { status: number; headers: { get: (name: string) => unknown } }): boolean =>
  status === 401 && /\berror="?invalid_token\b/.test(`${headers.get("WWW-Authenticate")}`);

/** The page's own address, where there is a page. */
const HERE = globalThis.location?.href;

/** Whoever is signed in here. */
export class Client {
  readonly #wire: Wire;
  readonly #shelf: Shelf;
  readonly #tabs: Tabs | undefined;
  readonly #renewals: Renewals;
  readonly #origins: readonly string[];
  readonly #listeners = new Set<Listener>();
  #held: Held | null;
  /** Aborted when somebody else is signed in, or nobody: an answer that comes later than that counts for nothing. */
  #life = new AbortController();
  /** Of two who sign in at once, the cookies are the later one's. */
  #entering: Promise<unknown> = Promise.resolve();
  /** The refresh token of a session whose end the server has not been told. */
  #leaving: string | undefined;
  /** The last session that ended here. */
  #ended: string | undefined;

  constructor({ url = "", mode = "cookie", storage, leeway = 30, locks = true, origins = [], ...rest }: ClientOptions = {}) {
    const base = url.replace(/\/+$/, "");
    const cookies = mode === "cookie";
    const kept = storage === undefined ? (cookies ? localStorage() : null) : storage;
    if (!cookies && kept) console.warn("bulla: every script of this page can read the refresh token in this storage");
    const name = `bulla:${mode}:${base}`;
    this.#wire = new Wire(base, cookies, rest.fetch ?? ((...request) => fetch(...request)));
    this.#origins = [base || HERE, ...origins].flatMap((text) => (text ? new URL(text, HERE).origin : []));
    this.#shelf = new Shelf(kept, name);
    this.#held = this.#shelf.read();
    if (kept && kept === localStorage()) this.#tabs = new Tabs(name, locks, (news) => this.#hear(news));
    this.#renewals = new Renewals({
      wire: this.#wire,
      leeway: leeway * 1000,
      oneAtATime: (work) => this.#tabs?.oneAtATime(work) ?? work(),
      held: () => this.#held,
      renew: (held) => this.#renewAlone(held),
    });
    this.#renewals.plan();
  }

  get mode(): "cookie" | "token" {
    return this.#wire.cookies ? "cookie" : "token";
  }

  /** Who is signed in. The same object until that changes. */
  get session(): Session | null {
    return this.#held?.session ?? null;
  }

  /** The server's time, in milliseconds. */
  now(): number {
    return this.#wire.now();
  }

  /** Makes an account and signs it in; `null` if a link was sent by mail that does. */
  signUp(who: Registration): Promise<Session | null> {
    return this.enter("/auth/register", who);
  }

  signIn(who: Credentials): Promise<Session> {
    return this.enter("/auth/login", who) as Promise<Session>;
  }

  /** A token without an account, for a proof of work. */
  signInAnonymously(options: ProofOptions = {}): Promise<Session> {
    return this.#enter((life) => this.#prove(undefined, life, options)) as Promise<Session>;
  }

  /** Makes an account of a visitor, who stays who it was; `null` as for `signUp`. */
  async upgrade(who: Registration): Promise<Session | null> {
    const life = this.#life;
    const { token } = await this.#current();
    life.signal.throwIfAborted();
    return this.#enter((life) => this.#ask("/auth/upgrade", who, life, token));
  }

  /**
   * Signs out: here at once, at the server if it can be reached. If not, it throws, and can be called again.
   *
   * @param all ends the account's other sessions too, first; if that fails, nothing has changed
   */
  async signOut({ all = false }: { all?: boolean } = {}): Promise<void> {
    if (all) await this.call("DELETE", "/auth/sessions");
    const held = this.#held;
    if (held) this.#leave(held);
    else this.#turn();
    if (held && !held.session.anonymous) this.#leaving = held.renewal;
    if (!this.#wire.cookies && !this.#leaving) return;
    const body = this.#leaving ? { refresh_token: this.#leaving } : undefined;
    // After a late answer that may bring cookies, and before a sign-in that comes next, whose cookies it would end.
    try {
      await this.#inTurn(() => this.#wire.ask("POST", "/auth/logout", { body }));
    } catch (error) {
      const { code } = error as BullaError;
      // There is nothing to end, or not any more.
      if (!FINAL.includes(code) && code !== "sign_in_required") throw error;
    }
    this.#leaving = undefined;
  }

  /** An access token that is good now. However many ask at once, there is one refresh. */
  async getToken(): Promise<string> {
    if (this.#wire.cookies) throw new BullaError("token_unavailable");
    return (await this.#current()).token as string;
  }

  /** New tokens now, for roles and plan as they are; finds out who is signed in by cookie. `null`: nobody. */
  async refresh(): Promise<Session | null> {
    if (!this.#held && !this.#wire.cookies) return null;
    try {
      return (await this.#renewals.renew(this.#held)).session;
    } catch (error) {
      if (FINAL.includes((error as BullaError).code)) return null;
      throw error;
    }
  }

  /**
   * Asks Bulla itself, for what this client has no method for.
   *
   * @param signedIn whether the session is sent, as `fetch` does
   * @returns the answer's body
   */
  call(method: string, path: string, body?: object, signedIn = true): Promise<unknown> {
    const session = signedIn && { signal: this.#life.signal, send: this.fetch.bind(this) };
    return this.#wire.ask(method, path, { body, ...session });
  }

  /**
   * Sends a call whose answer is a session, which is the one from then on; `null` if it comes by mail.
   *
   * @param signedIn whether it is the same session, with new tokens
   */
  enter(path: string, body: object, signedIn = false): Promise<Session | null> {
    return signedIn
      ? this.#enter(() => this.call("POST", path, body), this.#life)
      : this.#enter((life) => this.#ask(path, body, life));
  }

  /** `fetch` with the session. A token that was refused as invalid is replaced and the request sent again, once. */
  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const { send, base } = this.#wire;
    const request = new Request(typeof input === "string" && /^\/(?!\/)/.test(input) ? base + input : input, init);
    if (!this.isOwn(request.url)) return send(request);
    const held = this.#held;
    const first = await this.#send(request.clone());
    if (!refusesToken(first) || !(held || this.#wire.cookies)) return first;
    try {
      await this.#renewals.renew(held);
    } catch {
      return first;
    }
    return this.#send(request);
  }

  /** Whether the session is sent there. */
  isOwn(url: string): boolean {
    return this.#origins.includes(new URL(url, HERE).origin);
  }

  /** The headers that a request needs, for clients of HTTP other than `fetch`; none where the session does not belong. */
  async headersFor(url: string, method = "GET"): Promise<Record<string, string>> {
    if (!this.isOwn(url)) return {};
    if (this.#wire.cookies) return /^(GET|HEAD|OPTIONS)$/i.test(method) ? {} : { "X-Bulla-CSRF": "1" };
    return this.#held ? { Authorization: `Bearer ${await this.getToken()}` } : {};
  }

  /** Reads a JWT without verifying it. */
  decode(jwt: string): Decoded {
    return decode(jwt);
  }

  /** Calls back at every change. Returns what ends that. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all that goes on by itself. Nobody is signed out. */
  dispose(): void {
    this.#turn();
    this.#renewals.end();
    this.#tabs?.close();
    this.#listeners.clear();
    this.#held = null;
  }

  /** What is held, with an access token that is good now. */
  async #current(): Promise<Held> {
    const held = this.#held;
    if (!held) throw new BullaError("signed_out");
    const usable = this.#wire.cookies || held.token;
    if (usable && !this.#renewals.isDue()) return held;
    try {
      return await this.#renewals.renew(held);
    } catch (error) {
      // What could not be replaced in good time is good until its end.
      if (usable && this.#held === held && this.now() < held.session.expiresAt) return held;
      throw error;
    }
  }

  async #send(request: Request): Promise<Response> {
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(await this.headersFor(request.url, request.method))) headers.set(name, value);
    const { send, cookies } = this.#wire;
    return send(new Request(request, { headers, ...(cookies && { credentials: "include" as const }) }));
  }

  #ask(path: string, body: object | undefined, { signal }: AbortController, token?: string): Promise<unknown> {
    return this.#wire.ask("POST", path, { body, token, signal });
  }

  async #prove(token: string | undefined, life: AbortController, { signal, onProgress }: ProofOptions): Promise<unknown> {
    const ended = signal ? AbortSignal.any([signal, life.signal]) : life.signal;
    const asked = (await this.#wire.ask("GET", "/auth/challenge", { signal: ended })) as Puzzles;
    const { solve } = await import("./proof.js");
    const nonces = await solve(asked, ended, onProgress);
    const body = { challenge: asked.challenge, nonces };
    return this.#wire.ask("POST", "/auth/anonymous", { body, token, signal: ended });
  }

  /** Who enters while somebody is signed in goes on with `life`; who does not begins another one. */
  #enter(call: (life: AbortController) => Promise<unknown>, life?: AbortController): Promise<Session | null> {
    const begun = life ?? this.#turn();
    return this.#inTurn(async () => {
      const answer = await call(begun);
      begun.signal.throwIfAborted();
      if ((answer as { accepted?: boolean } | undefined)?.accepted) return null;
      const held = heldFrom(answer, this.#wire);
      this.#turn();
      return this.#hold(held).session;
    }, !life);
  }

  async #renewAlone(held: Held | null): Promise<Held> {
    const life = this.#life;
    const newest = held && this.#stored(held);
    if (held && newest && this.#wire.cookies && newest.session.expiresAt > held.session.expiresAt) return this.#adopt(newest);
    try {
      const answer = await (newest?.session.anonymous
        ? this.#prove(newest.renewal, life, {})
        : this.#ask("/auth/refresh", newest?.renewal ? { refresh_token: newest.renewal } : undefined, life));
      life.signal.throwIfAborted();
      if (held) this.#stored(held);
      return this.#hold(heldFrom(answer, this.#wire));
    } catch (error) {
      const now = this.#held;
      // Replaced meanwhile, by a password that was changed.
      if (now && now !== held && isSame(now, held)) return now;
      if (held && !life.signal.aborted && FINAL.includes((error as BullaError).code)) this.#leave(held, error as BullaError);
      throw error;
    }
  }

  /**
   * What is stored of a session by now.
   *
   * @throws BullaError `signed_out` if that is another one: another tab signed somebody in, and nothing was heard of it
   */
  #stored(held: Held): Held {
    const kept = this.#shelf.read();
    if (!kept || isSame(kept, held)) return kept ?? held;
    this.#turn();
    this.#adopt(kept);
    throw new BullaError("signed_out");
  }

  /** Takes a session that has just been handed out. It is stored before it is used. */
  #hold(held: Held): Held {
    this.#shelf.write(held);
    this.#tabs?.tell({ held });
    return this.#adopt(held);
  }

  #adopt(held: Held): Held {
    const event = isSame(this.#held, held) ? "renewed" : "signed_in";
    this.#held = held;
    this.#renewals.plan();
    this.#emit(event);
    return held;
  }

  #leave(held: Held, reason?: BullaError): void {
    this.#turn();
    this.#ended = keyOf(held);
    this.#held = null;
    this.#shelf.forget(held);
    this.#tabs?.tell({ ended: this.#ended });
    this.#renewals.plan();
    this.#emit("signed_out", reason);
  }

  /** What brings or takes cookies is done one after the other, also by other tabs: the last answer decides whose they are. */
  #inTurn<T>(work: () => Promise<T>, tabs = true): Promise<T> {
    const wait = () => (tabs && this.#wire.cookies && this.#tabs?.oneAtATime(work)) || work();
    const done = this.#entering.then(wait);
    this.#entering = done.catch(() => {});
    return done;
  }

  /** From here on, answers to earlier questions count for nothing. */
  #turn(): AbortController {
    this.#life.abort(new BullaError("signed_out"));
    this.#renewals.forget();
    this.#life = new AbortController();
    return this.#life;
  }

  #hear({ held, ended }: News): void {
    const own = this.#held;
    if (ended) {
      if (own && keyOf(own) === ended) this.#leave(own);
      this.#ended = ended;
    } else if (held && keyOf(held) !== this.#ended) {
      if (!isSame(own, held)) this.#turn();
      else if (own && held.session.expiresAt < own.session.expiresAt) return;
      this.#adopt(held);
    }
  }

  #emit(event: SessionEvent, reason?: BullaError): void {
    for (const listener of this.#listeners) {
      try {
        listener(event, this.session, reason);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
