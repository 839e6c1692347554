import { vi } from "vitest";
import { type Client, type ClientOptions, createClient } from "../../src/index.js";

export interface Asked {
  readonly call: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown> | undefined;
  readonly credentials: RequestCredentials | undefined;
}

type Handler = (asked: Asked) => Response | Promise<Response>;

export const URL_OF_BULLA = "https://api.example";
export const ADA = { email: "ada@example.com", password: "correct horse battery" };

/** A Bulla in memory, behind a `fetch`. Its handlers can be replaced. */
export class Bulla {
  readonly asked: Asked[] = [];
  readonly handlers = new Map<string, Handler>();
  /** How far its clock is ahead of this machine's, in milliseconds. */
  skew = 0;
  roles: string[] = [];
  lifetime = 900;
  #session = 0;
  #generation = 0;
  #visitor = 0;

  constructor() {
    const enter = (status: number) => () => {
      this.#session += 1;
      return this.session(status);
    };
    this.on("POST /auth/register", enter(201));
    this.on("POST /auth/login", enter(200));
    this.on("POST /auth/upgrade", enter(201));
    this.on("POST /auth/refresh", () => this.session());
    this.on("POST /auth/logout", () => this.answer(204));
    this.on("DELETE /auth/sessions", () => this.answer(204));
    this.on("GET /auth/challenge", () => this.answer(200, { challenge: "c", puzzles: 4, difficulty: 1 }));
    this.on("POST /auth/anonymous", ({ headers }) => {
      const known = /^Bearer (anon_\d+)/.exec(headers.get("Authorization") ?? "")?.[1];
      return this.visitor(known ?? `anon_${++this.#visitor}`);
    });
    this.on("GET /api/orders", ({ headers }) =>
      headers.get("Authorization") === `Bearer ${this.token}` ? this.answer(200, []) : this.invalidToken(),
    );
  }

  /** The access token that is good now. */
  get token(): string {
    return `access-${this.#session}-${this.#generation}`;
  }

  on(call: string, handler: Handler): void {
    this.handlers.set(call, handler);
  }

  /** Lets a call wait. Returns what answers it. */
  hold(call: string, usual = this.handlers.get(call) as Handler): () => void {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.on(call, async (asked) => {
      const answer = await usual(asked);
      await held;
      return answer;
    });
    return release;
  }

  calls(call: string): Asked[] {
    return this.asked.filter((asked) => asked.call === call);
  }

  /** Ignores signals: what it answers late, it answers. */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, { ...init, signal: null });
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const asked: Asked = {
      call: `${request.method} ${pathname}`,
      headers: request.headers,
      body: text ? (JSON.parse(text) as Record<string, unknown>) : undefined,
      credentials: input instanceof Request ? input.credentials : init?.credentials,
    };
    this.asked.push(asked);
    const answer = await (this.handlers.get(asked.call) ?? (() => this.problem(404, "not_found")))(asked);
    return asked.headers.get("X-Bulla-Mode") === "cookie" ? withoutTokens(answer) : answer;
  };

  session(status = 200): Response {
    this.#generation += 1;
    return this.answer(status, {
      token_type: "Bearer",
      access_token: this.token,
      refresh_token: `brt_${this.#session}_${this.#generation}`,
      expires_in: this.lifetime,
      session: { id: `session-${this.#session}` },
      user: { id: "usr_1", email: ADA.email, username: null, name: "Ada", roles: this.roles, plan: "free" },
    });
  }

  visitor(id: string): Response {
    this.#generation += 1;
    return this.answer(200, {
      token_type: "Bearer",
      access_token: `${id}.${this.#generation}`,
      expires_in: this.lifetime,
      session: null,
      user: { id, email: null, username: null, name: null, roles: [], plan: "anonymous" },
    });
  }

  invalidToken(): Response {
    return this.problem(401, "token_expired", { "WWW-Authenticate": 'Bearer error="invalid_token", error_description="x"' });
  }

  problem(status: number, code: string, headers: Record<string, string> = {}): Response {
    return this.answer(status, { code, status, title: "…", detail: "…", request_id: "r1" }, headers);
  }

  answer(status: number, body?: unknown, headers: Record<string, string> = {}): Response {
    const date = new Date(Date.now() + this.skew).toUTCString();
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { Date: date, ...headers } });
  }
}

/** In cookie mode no script sees a token. */
async function withoutTokens(answer: Response): Promise<Response> {
  const text = await answer.text();
  const visible = text.replace(/"(access|refresh)_token":"[^"]*",/g, "");
  return new Response(visible || null, answer);
}

export const offline: Handler = () => {
  throw new TypeError("Failed to fetch");
};

const clients: Client[] = [];

/** A client of that Bulla. */
export function client(bulla: Bulla, options: ClientOptions = {}): Client {
  const made = createClient({ url: URL_OF_BULLA, mode: "token", fetch: bulla.fetch as typeof fetch, ...options });
  clients.push(made);
  return made;
}

export function disposeAll(): void {
  for (const made of clients.splice(0)) made.dispose();
}

/** A storage like a browser's. */
export function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

/** A browser with several tabs: `localStorage`, `BroadcastChannel` and `navigator.locks`, which the tabs share. */
export function browser({ locks = true } = {}): { storage: Storage; heldForEver: boolean; clear: () => void } {
  const shared = { storage: storage(), heldForEver: false, clear: () => channels.clear() };
  const channels = new Map<string, Set<Channel>>();
  class Channel {
    onmessage: ((event: { data: unknown }) => void) | null = null;
    #closed = false;
    constructor(readonly name: string) {
      channels.set(name, (channels.get(name) ?? new Set()).add(this));
    }
    postMessage(data: unknown) {
      if (this.#closed) throw new DOMException("closed", "InvalidStateError");
      const copy = structuredClone(data);
      for (const other of channels.get(this.name) ?? []) {
        if (other !== this) void Promise.resolve().then(() => other.onmessage?.({ data: copy }));
      }
    }
    close() {
      this.#closed = true;
      channels.get(this.name)?.delete(this);
    }
  }
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, { signal }: { signal: AbortSignal }, work: () => Promise<unknown>) => {
    const before = shared.heldForEver ? new Promise(() => {}) : last;
    const given = Promise.race([before, new Promise((_, refuse) => signal.addEventListener("abort", () => refuse(signal.reason)))]);
    const done = given.then(work);
    last = done.catch(() => {});
    return done;
  };
  vi.stubGlobal("localStorage", shared.storage);
  vi.stubGlobal("BroadcastChannel", Channel);
  vi.stubGlobal("navigator", locks ? { locks: { request } } : {});
  return shared;
}
