// On a server that renders pages: the session of the browser that asked, by its cookies.

import { refusesToken } from "./challenge.js";
import { decode } from "./decode.js";
import { unanswered } from "./error.js";
import type { Session, User } from "./session.js";
import { parse, refusalOf } from "./wire.js";

/** How long Bulla's own answers may take, in milliseconds. */
const PATIENCE = 10_000;

export interface ServerOptions {
  /** Where Bulla answers. */
  readonly url: string;
  /** The browser's request: its cookies, and its `User-Agent`, by which a session knows its device. */
  readonly request: { readonly headers: Headers };
  /**
   * Called with each `Set-Cookie` that the browser must be sent. Left out where no cookies can be set: then nothing is
   * refreshed, and an expired token stays expired.
   */
  readonly setCookie?: (line: string) => void;
  /** Bulla's `public_url`, if `url` is another way to it. */
  readonly origin?: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

export interface ServerClient {
  /** `fetch` to Bulla, or what is behind it, as the browser's user. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /**
   * Who asked, as the server knows it now; `null`: nobody, or a visitor.
   *
   * @throws BullaError as the server said
   */
  readonly user: () => Promise<User | null>;
  /** The same as a session, which `useSession` takes. */
  readonly session: () => Promise<Session | null>;
}

/** For one request of a browser: do not keep it. */
export function createServerClient(options: ServerOptions): ServerClient {
  const { request, setCookie } = options;
  const base = options.url.replace(/\/+$/, "");
  const send = options.fetch ?? fetch;
  const origin = options.origin ?? new URL(base).origin;
  const jar = readCookies(request.headers.get("Cookie") ?? "", origin);
  const agent = request.headers.get("User-Agent");
  const device: Record<string, string> = agent ? { "User-Agent": agent } : {};
  let refreshing: Promise<boolean> | undefined;

  const authorized = (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers({ ...device, ...Object.fromEntries(new Headers(init.headers)) });
    const token = jar.get("access");
    if (token) headers.set("Authorization", `Bearer ${token}`);
    return send(base + path, { ...init, headers });
  };

  const refresh = async (): Promise<boolean> => {
    const token = jar.get("refresh");
    if (!token || !setCookie) return false;
    const answer = await send(`${base}/auth/refresh`, {
      method: "POST",
      headers: {
        ...device,
        Cookie: `${jar.prefix}bulla_refresh=${token}`,
        Origin: origin,
        "X-Bulla-CSRF": "1",
      },
      signal: AbortSignal.timeout(PATIENCE),
    });
    for (const line of answer.headers.getSetCookie()) {
      jar.set(line);
      setCookie(line);
    }
    return answer.ok;
  };

  const client: ServerClient = {
    async fetch(path, init = {}) {
      if (!/^\/(?!\/)/.test(path)) throw new TypeError("a path that begins with one slash is needed");
      const first = await authorized(path, init);
      // A stream can be sent once.
      if (!refusesToken(first) || init.body instanceof ReadableStream) return first;
      refreshing ??= refresh();
      return (await refreshing.catch(() => false)) ? authorized(path, init) : first;
    },
    async user() {
      const answer = await client.fetch("/auth/me", { signal: AbortSignal.timeout(PATIENCE) }).catch(unanswered);
      const body = parse(answer, await answer.text().catch(unanswered));
      if (answer.ok && (Object(body) as User).id) return body as User;
      const refusal = refusalOf(answer, body);
      if (refusal.status === 401 && refusal.requestId) return null;
      if (refusal.code === "sign_in_required") return null;
      throw refusal;
    },
    async session() {
      const user = await client.user();
      if (!user) return null;
      // Bulla has just taken it.
      const { sid, exp } = decode(jar.get("access") ?? "").payload as { sid: string; exp: number };
      return { id: sid, user, anonymous: false, expiresAt: exp * 1000 };
    },
  };
  return client;
}

interface Jar {
  /** What the names of the cookies begin with: nothing, on plain loopback. */
  readonly prefix: string;
  readonly get: (name: "access" | "refresh") => string | undefined;
  /** Takes in a `Set-Cookie`. */
  readonly set: (line: string) => void;
}

function readCookies(header: string, origin: string): Jar {
  const values = new Map<string, string>();
  const take = (pair: string) => {
    const at = pair.indexOf("=");
    values.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  };
  header.split(";").forEach(take);
  // Anywhere else, a neighbouring host could have set a cookie without the prefix.
  const isPlain = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin) && !/(^|[; ])__Host-bulla_/.test(header);
  const prefix = isPlain ? "" : "__Host-";
  return {
    prefix,
    get: (name) => values.get(`${prefix}bulla_${name}`) || undefined,
    set: (line) => take(line.split(";", 1)[0] as string),
  };
}
