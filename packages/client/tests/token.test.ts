import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, client, disposeAll } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  vi.useFakeTimers();
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

test("signing up and signing in say who it is", async () => {
  const one = client(bulla);
  expect(one.session).toBeNull();
  await one.signUp({ ...ADA, name: "Ada" });
  expect(bulla.asked[0]?.body).toEqual({ ...ADA, name: "Ada" });
  const session = await one.signIn(ADA);
  expect(session).toBe(one.session);
  expect(session).toMatchObject({ id: "session-2", anonymous: false, user: { email: ADA.email, roles: [] } });
  expect(session.expiresAt).toBe(one.now() + 900_000);
  expect(JSON.stringify(session)).not.toMatch(/access-|brt_/);
});

test("signing up where mail is verified signs nobody in yet", async () => {
  bulla.on("POST /auth/register", () => bulla.answer(202, { accepted: true }));
  const one = client(bulla);
  expect(await one.signUp(ADA)).toBeNull();
  expect(one.session).toBeNull();
});

test("a refused sign-in leaves who was signed in", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("POST /auth/login", () => bulla.problem(401, "credentials_invalid"));
  await expect(one.signIn(ADA)).rejects.toMatchObject({ code: "credentials_invalid", status: 401, retryable: false });
  expect(one.session?.id).toBe("session-1");
  expect(await one.getToken()).toBe(bulla.token);
});

test("a token is kept as long as it is good", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  await vi.advanceTimersByTimeAsync(800_000);
  expect(await one.getToken()).toBe("access-1-1");
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});

test("however many ask, there is one refresh", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  vi.setSystemTime(Date.now() + 890_000);
  const tokens = await Promise.all(Array.from({ length: 100 }, () => one.getToken()));
  expect(new Set(tokens)).toEqual(new Set([bulla.token]));
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
});

test.each([
  [0, 870_000],
  [0.5, 855_000],
  [0.999, 840_030],
])("a refresh comes by itself, between one and two leeways before the end (%f)", async (random, due) => {
  vi.spyOn(Math, "random").mockReturnValue(random);
  const one = client(bulla, { leeway: 30 });
  await one.signIn(ADA);
  await vi.advanceTimersByTimeAsync(due - 1);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
  expect(await one.getToken()).toBe("access-1-2");
});

test("a short life has a short leeway", async () => {
  bulla.lifetime = 4;
  const one = client(bulla);
  await one.signIn(ADA);
  await vi.advanceTimersByTimeAsync(1_900);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(1_200);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
});

test("each refresh presents the token that the one before brought", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  await one.refresh();
  await one.refresh();
  const presented = bulla.calls("POST /auth/refresh").map(({ body }) => body?.refresh_token);
  expect(presented).toEqual(["brt_1_1", "brt_1_2"]);
});

test("a refresh brings roles as they are", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.roles = ["admin"];
  expect((await one.refresh())?.user.roles).toEqual(["admin"]);
});

test("in cookie mode there is no token to give, and the error says so", async () => {
  const one = client(bulla, { mode: "cookie" });
  await one.signIn(ADA);
  await expect(one.getToken()).rejects.toMatchObject({ code: "token_unavailable" });
});

test("signing out ends the session at the server, and here", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const heard: unknown[] = [];
  one.subscribe((event, session) => heard.push([event, session]));
  await one.signOut();
  expect(bulla.calls("POST /auth/logout")[0]?.body).toEqual({ refresh_token: "brt_1_1" });
  expect(heard).toEqual([["signed_out", null]]);
  await expect(one.getToken()).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});

test("signing out everywhere ends the other sessions first", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  await one.signOut({ all: true });
  expect(bulla.asked.slice(1).map(({ call }) => call)).toEqual(["DELETE /auth/sessions", "POST /auth/logout"]);
  expect(bulla.calls("DELETE /auth/sessions")[0]?.headers.get("Authorization")).toBe("Bearer access-1-1");
});

test("signing out everywhere changes nothing if the others cannot be ended", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("DELETE /auth/sessions", () => bulla.problem(503, "store_unavailable"));
  await expect(one.signOut({ all: true })).rejects.toMatchObject({ code: "store_unavailable", retryable: true });
  expect(one.session).not.toBeNull();
  expect(bulla.calls("POST /auth/logout")).toHaveLength(0);
});

test("subscribers hear each change until they unsubscribe, and a broken one harms nobody", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const one = client(bulla);
  const heard: string[] = [];
  one.subscribe(() => {
    throw new Error("broken");
  });
  const stop = one.subscribe((event) => heard.push(event));
  await one.signIn(ADA);
  await one.refresh();
  stop();
  await one.signOut();
  expect(heard).toEqual(["signed_in", "renewed"]);
});

test("a disposed client does nothing by itself, and signs nobody out", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  one.dispose();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(bulla.asked).toHaveLength(1);
});

test("who subscribes twice is told twice, until each is ended", async () => {
  const one = client(bulla);
  const heard = vi.fn();
  const stop = one.subscribe(heard);
  one.subscribe(heard);
  await one.signIn(ADA);
  expect(heard).toHaveBeenCalledTimes(2);
  stop();
  await one.signOut();
  expect(heard).toHaveBeenCalledTimes(3);
});

test("who subscribes anew while being told is told of the next change", async () => {
  const one = client(bulla);
  const heard: string[] = [];
  const listen = (event: string) => {
    heard.push(event);
    stop();
    if (heard.length < 9) stop = one.subscribe(listen);
  };
  let stop = one.subscribe(listen);
  await one.signIn(ADA);
  await one.signOut();
  expect(heard).toEqual(["signed_in", "signed_out"]);
});
