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

test("a refresh that is answered after the sign-out resurrects nobody", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const release = bulla.hold("POST /auth/refresh");
  const late = one.refresh();
  const refused = expect(late).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(0);
  await one.signOut();
  release();
  await refused;
  expect(one.session).toBeNull();
});

test("a sign-in that is answered after the sign-out resurrects nobody", async () => {
  const one = client(bulla);
  const release = bulla.hold("POST /auth/login");
  const refused = expect(one.signIn(ADA)).resolves.toMatchObject({ id: "session-1" });
  release();
  await refused;
  const again = bulla.hold("POST /auth/login");
  const late = expect(one.signIn(ADA)).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(0);
  const out = one.signOut();
  again();
  await Promise.all([late, out]);
  expect(one.session).toBeNull();
});

test("in cookie mode the sign-out follows the late answer, whose cookies it ends", async () => {
  const one = client(bulla, { mode: "cookie" });
  const release = bulla.hold("POST /auth/login");
  const late = expect(one.signIn(ADA)).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(0);
  const out = one.signOut();
  await vi.advanceTimersByTimeAsync(0);
  expect(bulla.calls("POST /auth/logout")).toHaveLength(0);
  release();
  await Promise.all([late, out]);
  expect(bulla.calls("POST /auth/logout")).toHaveLength(1);
  expect(one.session).toBeNull();
});

test("of two who sign in at once, the later one is signed in", async () => {
  const one = client(bulla);
  const release = bulla.hold("POST /auth/login");
  const first = expect(one.signIn(ADA)).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(0);
  const second = one.signIn({ ...ADA, email: "grace@example.com" });
  release();
  await first;
  expect((await second).id).toBe("session-2");
  expect(one.session?.id).toBe("session-2");
});

test("an old session's refresh that is answered after another sign-in changes nothing", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const old = bulla.session();
  let release = () => {};
  bulla.on("POST /auth/refresh", () => new Promise((resolve) => (release = () => resolve(old))));
  const late = expect(one.refresh()).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(0);
  await one.signIn(ADA);
  release();
  await late;
  expect(one.session?.id).toBe("session-2");
  expect(await one.getToken()).toBe(bulla.token);
});

test("a sign-in that follows a sign-out at once waits for it", async () => {
  const one = client(bulla, { mode: "cookie" });
  await one.signIn(ADA);
  const out = one.signOut();
  const session = await one.signIn(ADA);
  await out;
  expect(bulla.asked.map(({ call }) => call)).toEqual(["POST /auth/login", "POST /auth/logout", "POST /auth/login"]);
  expect(one.session).toBe(session);
});

test("a sign-in that is refused disturbs nobody who is signed in", async () => {
  const one = client(bulla);
  const session = await one.signIn(ADA);
  const release = bulla.hold("POST /auth/refresh");
  const refreshed = one.refresh();
  await vi.advanceTimersByTimeAsync(0);
  bulla.on("POST /auth/login", () => bulla.problem(401, "credentials_invalid"));
  await expect(one.signIn(ADA)).rejects.toMatchObject({ code: "credentials_invalid" });
  release();
  expect((await refreshed)?.id).toBe(session.id);
});
