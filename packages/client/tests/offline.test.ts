import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, client, disposeAll, offline, storage } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

test.each([
  ["offline", offline],
  ["500", () => bulla.problem(500, "internal_error")],
  ["502 of something in between", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
  ["503", () => bulla.problem(503, "store_unavailable")],
  ["429", () => bulla.problem(429, "rate_limited")],
  ["403", () => bulla.problem(403, "csrf_refused")],
  ["401 of something in between", () => new Response("sign in to the hotel", { status: 401 })],
  ["a hotel's page", () => new Response("<h1>Welcome</h1>")],
  ["an empty answer", () => new Response("")],
])("%s signs nobody out", async (_name, handler) => {
  const one = client(bulla);
  await one.signIn(ADA);
  const refresh = bulla.handlers.get("POST /auth/refresh")!;
  bulla.on("POST /auth/refresh", handler);
  await vi.advanceTimersByTimeAsync(3_600_000);
  await expect(one.getToken()).rejects.toMatchObject({ name: "BullaError" });
  expect(one.session?.user.name).toBe("Ada");
  bulla.on("POST /auth/refresh", refresh);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(await one.getToken()).toBe(bulla.token);
});

test.each(["refresh_invalid", "refresh_reused", "session_expired", "session_revoked", "token_missing"])(
  "%s does, and says why",
  async (code) => {
    const one = client(bulla);
    await one.signIn(ADA);
    const heard: unknown[] = [];
    one.subscribe((event, session, reason) => heard.push([event, session, reason?.code]));
    bulla.on("POST /auth/refresh", () => bulla.problem(401, code));
    expect(await one.refresh()).toBeNull();
    expect(heard).toEqual([["signed_out", null, code]]);
  },
);

test("a token that cannot be replaced yet is given until it ends", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("POST /auth/refresh", offline);
  await vi.advanceTimersByTimeAsync(899_000);
  expect(await one.getToken()).toBe("access-1-1");
  await vi.advanceTimersByTimeAsync(1_000);
  await expect(one.getToken()).rejects.toMatchObject({ code: "network_failed", retryable: true, status: 0 });
});

test("an answer that never comes is given up", async () => {
  const one = client(bulla, {
    fetch: ((_: unknown, { signal }: RequestInit) =>
      new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)))) as typeof fetch,
  });
  const given = expect(one.signIn(ADA)).rejects.toMatchObject({ code: "network_failed" });
  await vi.advanceTimersByTimeAsync(10_000);
  await given;
});

test("a page that is opened offline knows who it was, and has no token", async () => {
  const kept = storage();
  bulla.roles = ["admin"];
  await client(bulla, { mode: "cookie", storage: kept }).signIn(ADA);
  expect(JSON.stringify(Object.entries(kept))).not.toMatch(/access-|brt_/);
  bulla.on("POST /auth/refresh", offline);
  vi.setSystemTime(Date.now() + 86_400_000);
  const reopened = client(bulla, { mode: "cookie", storage: kept });
  expect(reopened.session?.user).toMatchObject({ name: "Ada", roles: ["admin"] });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(reopened.session?.user.name).toBe("Ada");
});

test("being online again is reason enough to try", async () => {
  const listeners = new Set<() => void>();
  vi.stubGlobal("addEventListener", (_: string, listener: () => void) => listeners.add(listener));
  vi.stubGlobal("removeEventListener", (_: string, listener: () => void) => listeners.delete(listener));
  const one = client(bulla);
  await one.signIn(ADA);
  const refresh = bulla.handlers.get("POST /auth/refresh")!;
  bulla.on("POST /auth/refresh", offline);
  await vi.advanceTimersByTimeAsync(3_600_000);
  bulla.on("POST /auth/refresh", refresh);
  for (const listener of listeners) listener();
  await vi.advanceTimersByTimeAsync(0);
  expect(one.session!.expiresAt).toBeGreaterThan(one.now());
  one.dispose();
  expect(listeners.size).toBe(0);
});

test("a sign-out that did not reach the server signs out here, and can be called again", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const logout = bulla.handlers.get("POST /auth/logout")!;
  bulla.on("POST /auth/logout", offline);
  await expect(one.signOut()).rejects.toMatchObject({ code: "network_failed", retryable: true });
  expect(one.session).toBeNull();
  bulla.on("POST /auth/logout", logout);
  await one.signOut();
  expect(bulla.calls("POST /auth/logout").map(({ body }) => body?.refresh_token)).toEqual(["brt_1_1", "brt_1_1"]);
  await one.signOut();
  expect(bulla.calls("POST /auth/logout")).toHaveLength(2);
});

test("a reply that was lost is asked for again with the same refresh token", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const refresh = bulla.handlers.get("POST /auth/refresh")!;
  bulla.on("POST /auth/refresh", async (asked) => {
    await refresh(asked);
    throw new TypeError("connection reset");
  });
  await expect(one.refresh()).rejects.toMatchObject({ code: "network_failed" });
  bulla.on("POST /auth/refresh", refresh);
  await one.refresh();
  expect(bulla.calls("POST /auth/refresh").map(({ body }) => body?.refresh_token)).toEqual(["brt_1_1", "brt_1_1"]);
});

test("each sign-out that did not reach the server is told to it, even if somebody signed in between", async () => {
  const one = client(bulla);
  const logout = bulla.handlers.get("POST /auth/logout")!;
  await one.signIn(ADA);
  bulla.on("POST /auth/logout", offline);
  await expect(one.signOut()).rejects.toMatchObject({ code: "network_failed" });
  await one.signIn(ADA);
  bulla.on("POST /auth/logout", logout);
  await one.signOut();
  expect(bulla.calls("POST /auth/logout").map(({ body }) => body?.refresh_token)).toEqual(["brt_1_1", "brt_1_1", "brt_2_2"]);
});
