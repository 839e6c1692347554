import { type Decoded, decode } from "./decode.js";
import type { BullaErrorCode } from "./error.js";
import { BullaError } from "./error.js";
import type { ClientOptions, Credentials, Listener, ProofOptions, Registration, SessionEvent } from "./options.js";
import type { Puzzles } from "./proof.js";
import { Renewals } from "./renewals.js";
import type { Answer, Held, Session } from "./session.js";
import { heldFrom, keyOf } from "./session.js";
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

/** Whether a request was refused because of its token (RFC 6750 section 3.1), by status and `WWW-Authenticate`. */
export const refusesToken = (status: number, challenge: string | null | undefined): boolean =>
  status === 401 && /\berror="?invalid_token\b/.test(challenge ?? "");

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
  /** One after the other: of two who sign in at once, the cookies are the later one's. */
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
      oneAtATime: (work) => (this.#tabs ? this.#tabs.oneAtATime(work) : work()),
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
    return this.#enter((life) => this.#ask("/auth/register", who, life));
  }

  async signIn(who: Credentials): Promise<Session> {
    return (await this.#enter((life) => this.#ask("/auth/login", who, life))) as Session;
  }

  /** A token without an account, for a proof of work. */
  async signInAnonymously(options: ProofOptions = {}): Promise<Session> {
    return (await this.#enter((life) => this.#prove(undefined, life, options))) as Session;
  }

  /** Makes an account of a visitor, who stays who it was; `null` as for `signUp`. */
  upgrade(who: Registration): Promise<Session | null> {
    return this.#enter(async (life) => this.#ask("/auth/upgrade", who, life, (await this.#current()).token));
  }

  /**
   * Signs out: here at once, at the server if it can be reached. If not, it throws, and can be called again.
   *
   * @param all ends the account's other sessions too, first; if that fails, nothing has changed
   */
  async signOut({ all = false }: { all?: boolean } = {}): Promise<void> {
    if (all) {
      const { token } = await this.#current();
      await this.#wire.ask("DELETE", "/auth/sessions", { token, signal: this.#life.signal });
    }
    const { cookies } = this.#wire;
    const held = this.#held;
    if (held) this.#leave(held);
    else this.#turn();
    if (held && !held.session.anonymous) this.#leaving = held.renewal;
    if (!cookies && !this.#leaving) return;
    const body = cookies ? undefined : { refresh_token: this.#leaving };
    // After a late answer that may bring cookies, and before a sign-in that comes next, whose cookies it would end.
    const { signal } = new AbortController();
    const left = this.#entering.then(() => this.#wire.ask("POST", "/auth/logout", { body, signal }));
    this.#entering = left.catch(() => {});
    try {
      await left;
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

  /** `fetch` with the session. A token that was refused as invalid is replaced and the request sent again, once. */
  async fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const { send, base } = this.#wire;
    const request = new Request(typeof input === "string" && /^\/(?!\/)/.test(input) ? base + input : input, init);
    if (!this.isOwn(request.url)) return send(request);
    const held = this.#held;
    const first = await this.#send(request.clone());
    if (!refusesToken(first.status, first.headers.get("WWW-Authenticate")) || !(held || this.#wire.cookies)) return first;
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
    this.#life.abort(new BullaError("signed_out"));
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
    return this.#wire.send(
      new Request(request, { headers, ...(this.#wire.cookies && { credentials: "include" as const }) }),
    );
  }

  #ask(path: string, body: object | undefined, life: AbortController, token?: string): Promise<Answer> {
    return this.#wire.ask("POST", path, { body, token, signal: life.signal }) as Promise<Answer>;
  }

  async #prove(token: string | undefined, life: AbortController, { signal, onProgress }: ProofOptions): Promise<Answer> {
    const ended = signal ? AbortSignal.any([signal, life.signal]) : life.signal;
    const asked = (await this.#wire.ask("GET", "/auth/challenge", { signal: ended })) as Puzzles;
    const { solve } = await import("./proof.js");
    const nonces = await solve(asked, ended, onProgress);
    const body = { challenge: asked.challenge, nonces };
    return (await this.#wire.ask("POST", "/auth/anonymous", { body, token, signal: ended })) as Answer;
  }

  #enter(call: (life: AbortController) => Promise<Answer>): Promise<Session | null> {
    const life = this.#turn();
    const entered = this.#entering.then(async () => {
      const answer = await call(life);
      life.signal.throwIfAborted();
      if ("accepted" in answer) return null;
      this.#turn();
      return this.#hold(answer).session;
    });
    this.#entering = entered.catch(() => {});
    return entered;
  }

  async #renewAlone(held: Held | null): Promise<Held> {
    const life = this.#life;
    const kept = held && this.#shelf.read();
    const newest = kept && keyOf(kept) === keyOf(held) ? kept : held;
    if (held && newest && this.#wire.cookies && newest.session.expiresAt > held.session.expiresAt) return this.#adopt(newest);
    try {
      const answer = await (newest?.session.anonymous
        ? this.#prove(newest.renewal, life, {})
        : this.#ask("/auth/refresh", newest?.renewal ? { refresh_token: newest.renewal } : undefined, life));
      life.signal.throwIfAborted();
      return this.#hold(answer);
    } catch (error) {
      if (held && !life.signal.aborted && FINAL.includes((error as BullaError).code)) this.#leave(held, error as BullaError);
      throw error;
    }
  }

  /** Takes a session that has just been handed out. It is stored before it is used. */
  #hold(answer: Answer): Held {
    if (!answer?.user) throw new BullaError("response_unexpected");
    const held = heldFrom(answer, this.now());
    this.#shelf.write(held);
    this.#tabs?.tell({ held });
    return this.#adopt(held);
  }

  #adopt(held: Held): Held {
    const event = this.#held && keyOf(this.#held) === keyOf(held) ? "renewed" : "signed_in";
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

  /** From here on, answers to earlier questions count for nothing. */
  #turn(): AbortController {
    this.#life.abort(new BullaError("signed_out"));
    this.#renewals.forget();
    this.#life = new AbortController();
    return this.#life;
  }

  #hear({ held, ended }: News): void {
    const own = this.#held;
    const isOwn = (key: string) => own !== null && keyOf(own) === key;
    if (ended) {
      if (own && isOwn(ended)) this.#leave(own);
      this.#ended = ended;
    } else if (held && keyOf(held) !== this.#ended) {
      if (!isOwn(keyOf(held))) this.#turn();
      else if (own && held.session.expiresAt < own.session.expiresAt) return;
      this.#adopt(held);
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
