import { refusesToken } from "./challenge.js";
import { type Decoded, decode } from "./decode.js";
import { BullaError, unanswered } from "./error.js";
import type { ClientOptions, Credentials, Listener, ProofOptions, Registration, SessionEvent } from "./options.js";
import { Renewals } from "./renewals.js";
import type { Held, Session } from "./session.js";
import { heldFrom, isSame, isUsable, keyOf } from "./session.js";
import { localStorage, Shelf } from "./shelf.js";
import { type News, Tabs } from "./tabs.js";
import { orAborted, Wire } from "./wire.js";

/** Refusals after which a session cannot go on: `refresh_…`, `session_…`, or no token at all. Nothing else signs anybody out. */
const isFinal = (error: unknown): boolean => /^(refresh|session|token_missing)/.test((error as BullaError).code);

/** The page's own address, where there is a page. */
const HERE = globalThis.location?.href;

/** The global one, as it is then. */
const fetchNow: typeof fetch = (...request) => fetch(...request);

/** Whoever is signed in here. */
export class Client {
  readonly #wire: Wire;
  readonly #shelf: Shelf;
  readonly #tabs: Tabs | undefined;
  readonly #renewals: Renewals;
  readonly #origins: readonly (string | undefined)[];
  readonly #listeners = new Set<Listener>();
  #held: Held | null;
  /** Aborted when somebody else is signed in, or nobody: an answer that comes later than that counts for nothing. */
  #epoch = new AbortController();
  /** Aborted by the next one, and by a sign-out. */
  #entrance = new AbortController();
  /** Of two who sign in at once, the cookies are the later one's. */
  #entering: Promise<unknown> = Promise.resolve();
  /** The refresh tokens of sessions whose end the server has not been told. */
  readonly #ending = new Set<string | undefined>();
  /** The last session that ended here. */
  #ended: string | undefined;

  constructor({ url = "", mode = "cookie", storage, leeway = 30, locks = true, origins = [], fetch: send = fetchNow }: ClientOptions = {}) {
    const base = url.replace(/\/+$/, "");
    const cookies = mode === "cookie";
    const kept = storage === undefined ? (cookies ? localStorage() : null) : storage;
    if (!cookies && kept) console.warn("bulla: scripts can read the stored refresh token");
    const name = `bulla:${mode}:${base}`;
    this.#wire = new Wire(base, cookies, send);
    this.#origins = [base || HERE, ...origins];
    this.#shelf = new Shelf(kept, name);
    this.#held = this.#shelf.read();
    // Pages share cookies, whatever is stored.
    if ((HERE && cookies) || (kept && kept === localStorage())) this.#tabs = new Tabs(name, locks, (news) => this.#heard(news));
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
  signInAnonymously(options?: ProofOptions): Promise<Session> {
    return this.#enter((entered) => this.#prove(undefined, entered, options)) as Promise<Session>;
  }

  /** Makes an account of a visitor, who stays who it was; `null` as for `signUp`. */
  async upgrade(who: Registration): Promise<Session | null> {
    const { token } = await this.#current();
    return this.#enter((entered) => this.#ask("/auth/upgrade", who, entered, token));
  }

  /**
   * Signs out: here at once, at the server if it can be reached. If not, it throws, and can be called again.
   *
   * @param options `all` ends the account's other sessions too, first; if that fails, nothing has changed
   */
  async signOut(options?: { all?: boolean }): Promise<void> {
    if (options?.all) await this.call("DELETE", "/auth/sessions");
    this.#entrance.abort(new BullaError("signed_out"));
    const held = this.#held;
    if (held) this.#end(held);
    else this.#newEpoch();
    if (this.#wire.cookies || (held && !held.session.anonymous)) this.#ending.add(held?.renewal);
    for (const refresh_token of this.#ending) {
      try {
        // After a late answer that may bring cookies, and before a sign-in that comes next, whose cookies it would end.
        await this.#inTurn(() => this.#wire.ask("POST", "/auth/logout", { body: { refresh_token } }));
      } catch (error) {
        // There is nothing to end, or not any more.
        if (!isFinal(error) && (error as BullaError).code !== "sign_in_required") throw error;
      }
      this.#ending.delete(refresh_token);
    }
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
      return (await this.#renewals.renew(this.session)).session;
    } catch (error) {
      if (isFinal(error)) return null;
      throw error;
    }
  }

  /**
   * Replaces tokens that were refused. However many ask, it is done once.
   *
   * @param stale the session when they were sent
   * @returns whether the request may be sent again: not if that failed, and not if somebody else is signed in by now
   */
  async renewed(stale: Session | null): Promise<boolean> {
    if (!stale && !this.#wire.cookies) return false;
    const isStill = ({ session }: Held) => !stale || isSame(session, stale);
    return this.#renewals.renew(stale).then(isStill, () => false);
  }

  /**
   * Asks Bulla itself, for what this client has no method for.
   *
   * @param signedIn whether the session is sent, as `fetch` does
   * @returns the answer's body
   */
  call(method: string, path: string, body?: object, signedIn = true): Promise<unknown> {
    const session = signedIn && { signal: this.#epoch.signal, send: (...request: Parameters<typeof fetch>) => this.fetch(new Request(...request)) };
    return this.#wire.ask(method, path, { body, ...session });
  }

  /**
   * Sends a call whose answer is a session, which is the one from then on; `null` if it comes by mail.
   *
   * @param signedIn whether it is the same session, with new tokens
   */
  async enter(path: string, body: object, signedIn = false): Promise<Session | null> {
    const { signal } = this.#epoch;
    return signedIn
      ? this.#take(await this.call("POST", path, body), signal)
      : this.#enter((entered) => this.#ask(path, body, entered));
  }

  /** `fetch` with the session. A token that was refused as invalid is replaced and the request sent again, once. */
  async fetch(input: Request | string | URL, init?: RequestInit): Promise<Response> {
    const { send, base } = this.#wire;
    const request = new Request(typeof input === "string" && /^\/(?!\/)/.test(input) ? base + input : input, init);
    if (!this.isOwn(request.url)) return send(request);
    const stale = this.session;
    // A stream can be sent once.
    const again = init?.body instanceof ReadableStream ? undefined : request.clone();
    const first = await this.#send(request);
    return again && refusesToken(first) && (await this.renewed(stale)) ? this.#send(again) : first;
  }

  /** Whether the session is sent there. */
  isOwn(url: string): boolean {
    const { origin } = new URL(url, HERE);
    return this.#origins.some((own) => own && new URL(own, HERE).origin === origin);
  }

  /** The headers that a request needs, for clients of HTTP other than `fetch`; none where the session does not belong. */
  async headersFor(url: string, method = "GET"): Promise<Record<string, string>> {
    if (!this.isOwn(url)) return {};
    return this.#wire.headers(method, this.#held && !this.#wire.cookies && (await this.getToken()));
  }

  /** Reads a JWT without verifying it. */
  decode(jwt: string): Decoded {
    return decode(jwt);
  }

  /** Calls back at every change. Returns what ends that. */
  subscribe(listener: Listener): () => void {
    const own: Listener = (...news) => listener(...news);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Ends all that goes on by itself. Nobody is signed out. */
  dispose(): void {
    this.#newEpoch();
    this.#entrance.abort(new BullaError("signed_out"));
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
      return await this.#renewals.renew(held.session);
    } catch (error) {
      // What could not be replaced in good time is good until its end.
      if (usable && this.#held === held && this.now() < held.session.expiresAt) return held;
      throw error;
    }
  }

  async #send(request: Request): Promise<Response> {
    const headers = new Headers(request.headers);
    const own = await orAborted(request.signal, this.headersFor(request.url, request.method));
    for (const [name, value] of Object.entries(own)) headers.set(name, value);
    const { send, cookies } = this.#wire;
    return send(new Request(request, { headers, ...(cookies && { credentials: "include" as const }) }));
  }

  #ask(path: string, body: object, signal: AbortSignal, token?: string): Promise<unknown> {
    return this.#wire.ask("POST", path, { body, token, signal });
  }

  /** The handshake, which is loaded when it is needed. */
  async #prove(token: string | undefined, signal: AbortSignal, options?: ProofOptions): Promise<unknown> {
    const { prove } = await import("./proof.js").catch(unanswered);
    return prove(this.#wire, token, signal, options);
  }

  #enter(call: (entered: AbortSignal) => Promise<unknown>): Promise<Session | null> {
    this.#entrance.abort(new BullaError("signed_out"));
    const { signal } = (this.#entrance = new AbortController());
    return this.#inTurn(async () => this.#take(await call(signal), signal));
  }

  /** Takes what somebody entered by, unless that is too late. */
  #take(answer: unknown, signal: AbortSignal): Session | null {
    signal.throwIfAborted();
    if ((answer as { accepted?: boolean } | undefined)?.accepted) return null;
    return this.#hold(answer).session;
  }

  async #renewAlone(held: Held | null): Promise<Held> {
    const { signal } = this.#epoch;
    const newest = held && this.#stored(held);
    if (held && newest && this.#wire.cookies && newest.session.expiresAt > held.session.expiresAt) return this.#adopt(newest);
    try {
      const answer = await (newest?.session.anonymous
        ? this.#prove(newest.renewal, signal)
        : this.#ask("/auth/refresh", { refresh_token: newest?.renewal }, signal));
      signal.throwIfAborted();
      if (held) this.#stored(held);
      // Another one if a password was changed meanwhile.
      const now = this.#held;
      return held !== now && now ? now : this.#hold(answer);
    } catch (error) {
      if (held && !signal.aborted && isFinal(error)) this.#end(held, error as BullaError);
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
    if (!kept || isSame(kept.session, held.session)) return kept ?? held;
    this.#adopt(kept);
    throw new BullaError("signed_out");
  }

  /** Takes a session that has just been handed out. It is stored before it is used. */
  #hold(answer: unknown): Held {
    const held = heldFrom(answer, this.#wire);
    this.#shelf.write(held);
    this.#tabs?.tell({ held });
    return this.#adopt(held);
  }

  #adopt(held: Held): Held {
    const isRenewed = isSame(this.session, held.session);
    if (!isRenewed) this.#newEpoch();
    this.#held = held;
    this.#renewals.plan();
    this.#emit(isRenewed ? "renewed" : "signed_in");
    return held;
  }

  #end({ session }: Held, reason?: BullaError): void {
    this.#newEpoch();
    this.#ended = keyOf(session);
    this.#held = null;
    this.#shelf.forget(session);
    this.#tabs?.tell({ ended: this.#ended });
    this.#renewals.plan();
    this.#emit("signed_out", reason);
  }

  /** What brings or takes cookies is done one after the other, also by other tabs: the last answer decides whose they are. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#entering.then(() => (this.#wire.cookies && this.#tabs?.oneAtATime(work)) || work());
    this.#entering = done.catch(() => {});
    return done;
  }

  /** From here on, answers to earlier questions count for nothing. */
  #newEpoch(): void {
    this.#epoch.abort(new BullaError("signed_out"));
    this.#renewals.forget();
    this.#epoch = new AbortController();
  }

  #heard({ held, ended }: News): void {
    const own = this.#held;
    if (ended) {
      if (own && keyOf(own.session) === ended) this.#end(own);
      this.#ended = ended;
    } else if (isUsable(held) && keyOf(held.session) !== this.#ended) {
      const isOlder = own && isSame(own.session, held.session) && held.session.expiresAt < own.session.expiresAt;
      if (!isOlder) this.#adopt(held);
    }
  }

  #emit(event: SessionEvent, reason?: BullaError): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event, this.session, reason);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
