import { expect, test, vi } from "vitest";
import { createServerClient } from "../src/server.js";

const URL_OF_BULLA = "https://api.example";

const refused = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ code, detail: "…", request_id: "r1" }, { status, headers });

/** A Bulla that takes `new`, calls `old` expired, and refreshes `r1`. */
function bulla() {
  const asked: Request[] = [];
  const fake = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(request);
    if (new URL(request.url).pathname === "/auth/refresh") {
      const headers = new Headers();
      const good = request.headers.get("Cookie")?.endsWith("bulla_refresh=r1");
      headers.append("Set-Cookie", `__Host-bulla_access=${good ? "new" : ""}; Path=/; Secure`);
      headers.append("Set-Cookie", `__Host-bulla_refresh=${good ? "r2" : ""}; Path=/; Secure`);
      return new Response("{}", { status: good ? 200 : 401, headers });
    }
    if (request.headers.get("Authorization") === "Bearer new") return Response.json({ id: "usr_1" });
    return refused(401, "token_expired", { "WWW-Authenticate": 'Bearer error="invalid_token"' });
  };
  return { asked, fetch: fake as typeof fetch };
}

const browser = (cookies: string) => ({ headers: new Headers({ Cookie: cookies, "User-Agent": "Firefox" }) });

test("where no cookie can be set, nothing is refreshed", async () => {
  const { asked, fetch } = bulla();
  const request = browser("__Host-bulla_access=old; __Host-bulla_refresh=r1");
  expect(await createServerClient({ url: URL_OF_BULLA, request, fetch }).user()).toBeNull();
  expect(asked).toHaveLength(1);
});

test("where it can, the browser gets the new ones, and however many ask there is one refresh", async () => {
  const { asked, fetch } = bulla();
  const lines: string[] = [];
  const request = browser("a=b; __Host-bulla_access=old; __Host-bulla_refresh=r1");
  const one = createServerClient({ url: URL_OF_BULLA, request, fetch, setCookie: (line) => lines.push(line) });
  expect(await Promise.all([one.user(), one.user(), one.fetch("/x").then(({ ok }) => ok)])).toEqual([{ id: "usr_1" }, { id: "usr_1" }, true]);
  expect(lines).toEqual(["__Host-bulla_access=new; Path=/; Secure", "__Host-bulla_refresh=r2; Path=/; Secure"]);
  const refreshes = asked.filter(({ url }) => url.endsWith("/auth/refresh"));
  expect(refreshes).toHaveLength(1);
  expect(refreshes[0]!.headers.get("User-Agent")).toBe("Firefox");
  expect(refreshes[0]!.headers.get("X-Bulla-CSRF")).toBe("1");
});

test("a refusal's cookies, which clear the old ones, reach the browser too", async () => {
  const { fetch } = bulla();
  const lines: string[] = [];
  const request = browser("__Host-bulla_access=old; __Host-bulla_refresh=r0");
  const one = createServerClient({ url: URL_OF_BULLA, request, fetch, setCookie: (line) => lines.push(line) });
  expect(await one.user()).toBeNull();
  expect(lines).toHaveLength(2);
});

test.each(["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"])("the cookies of plain loopback are known too: %s", async (url) => {
  for (const cookies of ["bulla_access=new; bulla_refresh=r1", "bulla_access=new", "__Host-bulla_access=new; bulla_access=old"]) {
    const { asked, fetch } = bulla();
    expect(await createServerClient({ url, request: browser(cookies), fetch }).user()).toEqual({ id: "usr_1" });
    expect(asked).toHaveLength(1);
  }
});

test.each([
  ["https://api.example.com", undefined],
  ["http://api.example.com", undefined],
  ["http://localhost.example.com", undefined],
  ["https://localhost", undefined],
  ["http://127.0.0.1:8080", "https://api.example.com"],
])("a cookie that a neighbouring host may have planted counts for nothing: %s %s", async (url, origin) => {
  const { asked, fetch } = bulla();
  const request = browser("bulla_access=new; bulla_refresh=r1");
  const one = createServerClient({ url, request, fetch, setCookie: () => {}, ...(origin && { origin }) });
  expect(await one.user()).toBeNull();
  expect(asked.map(({ headers }) => headers.get("Authorization") ?? headers.get("Cookie"))).toEqual([null]);
});

test("a body that can be sent once is sent once, and the refusal is the answer", async () => {
  const { asked, fetch } = bulla();
  const request = browser("__Host-bulla_access=old; __Host-bulla_refresh=r1");
  const one = createServerClient({ url: URL_OF_BULLA, request, fetch, setCookie: () => {} });
  const body = new Response("once").body!;
  expect((await one.fetch("/x", { method: "POST", body, duplex: "half" } as RequestInit)).status).toBe(401);
  expect(asked).toHaveLength(1);
  expect((await one.fetch("/x", { method: "POST", body: "twice" })).status).toBe(200);
  expect(asked).toHaveLength(4);
});

test("a Bulla that does not answer is given up", async () => {
  const late = new AbortController();
  const limit = vi.spyOn(AbortSignal, "timeout").mockReturnValue(late.signal);
  const silent = ((_: unknown, init: RequestInit) =>
    new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(init.signal?.reason)))) as typeof fetch;
  const user = createServerClient({ url: URL_OF_BULLA, request: browser(""), fetch: silent }).user();
  const refused = expect(user).rejects.toMatchObject({ code: "network_failed", cause: { name: "TimeoutError" } });
  late.abort(new DOMException("late", "TimeoutError"));
  await refused;
  expect(limit).toHaveBeenCalledWith(10_000);
});

test("a browser without cookies is nobody", async () => {
  const { asked, fetch } = bulla();
  const one = createServerClient({ url: URL_OF_BULLA, request: { headers: new Headers() }, fetch, setCookie: () => {} });
  expect(await one.user()).toBeNull();
  expect(asked).toHaveLength(1);
  expect(asked[0]!.headers.has("Authorization")).toBe(false);
});

test.each(["https://evil.example/", "//evil.example/", "x", "@evil.example/"])("the session is sent nowhere else: %s", async (path) => {
  const { asked, fetch } = bulla();
  const one = createServerClient({ url: URL_OF_BULLA, request: browser("__Host-bulla_access=new"), fetch });
  await expect(one.fetch(path)).rejects.toThrow(TypeError);
  expect(asked).toHaveLength(0);
});

test.each([
  [403, "sign_in_required", null],
  [401, "token_missing", null],
  [403, "address_banned", "address_banned"],
  [429, "rate_limited", "rate_limited"],
  [503, "store_unavailable", "store_unavailable"],
])("what the server says of its user is handed on: %i %s", async (status, code, thrown) => {
  const fetch = (async () => refused(status, code, { "Retry-After": "7" })) as typeof globalThis.fetch;
  const user = createServerClient({ url: URL_OF_BULLA, request: browser(""), fetch }).user();
  if (thrown) await expect(user).rejects.toMatchObject({ name: "BullaError", code, status, retryAfter: 7, requestId: "r1" });
  else expect(await user).toBeNull();
});

test.each([
  ["a page", () => new Response("<h1>Sign in to the hotel</h1>", { status: 401 })],
  ["a page that pretends", () => new Response("<h1>Welcome</h1>")],
  ["JSON", () => Response.json({ message: "no" }, { status: 403 })],
  ["JSON that pretends", () => Response.json({ message: "yes" })],
  ["nothing", () => new Response("")],
])("what is not Bulla's says nothing of the user: %s", async (_name, answer) => {
  const one = createServerClient({ url: URL_OF_BULLA, request: browser(""), fetch: (async () => answer()) as typeof fetch });
  await expect(one.user()).rejects.toMatchObject({ code: "response_unexpected" });
});
