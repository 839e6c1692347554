// What is not Bulla's, or not as it should be: of a network in between, of another version, of a storage that others write to.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, client, disposeAll, storage } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  vi.spyOn(console, "warn").mockImplementation(() => {});
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

const LONG_AGO = { Date: "Mon, 01 Jan 2001 00:00:00 GMT" };

test.each([
  ["a page", () => new Response("<h1>Welcome</h1>", { headers: LONG_AGO })],
  ["JSON", () => Response.json({ portal: "sign in" }, { status: 401, headers: LONG_AGO })],
  ["nothing", () => new Response(null, { status: 204, headers: LONG_AGO })],
])("%s of something in between sets no clock", async (_name, handler) => {
  const one = client(bulla);
  bulla.skew = -3_600_000;
  await one.signIn(ADA);
  bulla.on("POST /auth/refresh", handler);
  await expect(one.refresh()).rejects.toMatchObject({ code: "response_unexpected" });
  expect(one.now()).toBe(Date.now() - 3_600_000);
  bulla.skew = -7_200_000;
  bulla.on("POST /auth/refresh", () => bulla.problem(503, "store_unavailable"));
  await vi.advanceTimersByTimeAsync(60_000);
  await expect(one.refresh()).rejects.toMatchObject({ code: "store_unavailable" });
  expect(one.now()).toBe(Date.now() - 7_200_000);
});

test("a code of something in between signs nobody out", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("POST /auth/refresh", () => Response.json({ code: "session_expired" }, { status: 401 }));
  await expect(one.refresh()).rejects.toMatchObject({ code: "response_unexpected", status: 401 });
  expect(one.session?.user.name).toBe("Ada");
});

const USER = { id: "usr_1", email: null, username: null, name: null, roles: [], plan: "free" };
const GOOD = { access_token: "a", refresh_token: "r", expires_in: 900, session: { id: "s" }, user: USER };

test.each([
  ["none", undefined],
  ["null", null],
  ["a number", 7],
  ["a list", []],
  ["without a user", { ...GOOD, user: undefined }],
  ["of a user without a name", { ...GOOD, user: {} }],
  ["without an end", { ...GOOD, expires_in: undefined }],
  ["that never ends", { ...GOOD, expires_in: Number.MAX_VALUE }],
  ["that has ended", { ...GOOD, expires_in: 0 }],
  ["without an access token", { ...GOOD, access_token: undefined }],
  ["without a refresh token", { ...GOOD, refresh_token: undefined }],
])("a session answer: %s", async (_name, answer) => {
  const one = client(bulla);
  for (const status of [200, 201]) {
    bulla.on("POST /auth/login", () => bulla.answer(status, answer));
    await expect(one.signIn(ADA)).rejects.toMatchObject({ name: "BullaError", code: "response_unexpected" });
    expect(one.session).toBeNull();
  }
  expect(vi.getTimerCount()).toBe(0);
  bulla.on("POST /auth/login", () => bulla.answer(200, GOOD));
  expect((await one.signIn(ADA)).id).toBe("s");
});

test("an answer that is no session leaves who is signed in", async () => {
  const one = client(bulla);
  const session = await one.signIn(ADA);
  bulla.on("POST /auth/login", () => bulla.answer(200, {}));
  await expect(one.signIn(ADA)).rejects.toMatchObject({ code: "response_unexpected" });
  expect(one.session).toBe(session);
});

const KEPT = { session: { id: "s", user: USER, anonymous: false, expiresAt: 1_800_000_900_000 }, renewal: "brt_1" };

test.each([
  ["without an end", { ...KEPT, session: { ...KEPT.session, expiresAt: null } }],
  ["whose end is a text", { ...KEPT, session: { ...KEPT.session, expiresAt: "soon" } }],
  ["of a user without a name", { ...KEPT, session: { ...KEPT.session, user: {} } }],
])("what is stored: %s", async (_name, text) => {
  const open = (value: object) => client(bulla, { storage: { ...storage(), getItem: () => JSON.stringify(value) } });
  expect(open(KEPT).session?.id).toBe("s");
  disposeAll();
  expect(open(text).session).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
  expect(bulla.asked).toEqual([]);
});

test("what is stored without a refresh token is nobody's, as the server says", async () => {
  const kept = { ...storage(), getItem: () => JSON.stringify({ session: KEPT.session }) };
  bulla.on("POST /auth/refresh", ({ body }) => (body?.refresh_token ? bulla.session() : bulla.problem(401, "token_missing")));
  const one = client(bulla, { storage: kept });
  await expect(one.getToken()).rejects.toMatchObject({ code: "token_missing" });
  expect(one.session).toBeNull();
});
