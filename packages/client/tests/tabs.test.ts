import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, browser, client, disposeAll } from "./support/bulla.js";

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

const settle = () => vi.advanceTimersByTimeAsync(0);

for (const mode of ["cookie", "token"] as const) {
  const tabs = (kept: Storage) =>
    Array.from({ length: 3 }, () => client(bulla, mode === "token" ? { mode, storage: kept } : { mode }));

  test(`${mode}: who signs in in one tab is signed in in all, and signed out in all`, async () => {
    const all = tabs(browser().storage);
    await all[0]!.signIn(ADA);
    await settle();
    expect(all.map(({ session }) => session?.id)).toEqual(["session-1", "session-1", "session-1"]);
    await all[2]!.signOut();
    await settle();
    expect(all.map(({ session }) => session)).toEqual([null, null, null]);
    expect(bulla.calls("POST /auth/logout")).toHaveLength(1);
  });

  test(`${mode}: three tabs make one refresh`, async () => {
    const all = tabs(browser().storage);
    await all[0]!.signIn(ADA);
    await settle();
    await Promise.all(all.map((tab) => tab.refresh()));
    expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(871_000);
    expect(bulla.calls("POST /auth/refresh")).toHaveLength(2);
  });

  test(`${mode}: a lock that is held for ever is not waited for`, async () => {
    const shared = browser();
    const [one] = tabs(shared.storage);
    await one!.signIn(ADA);
    shared.heldForEver = true;
    const refreshed = one!.refresh();
    await vi.advanceTimersByTimeAsync(2_999);
    expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect((await refreshed)?.id).toBe("session-1");
  });

  test(`${mode}: a refresh that is answered after another tab signed out resurrects nobody`, async () => {
    const [one, two] = tabs(browser().storage);
    await one!.signIn(ADA);
    await settle();
    const release = bulla.hold("POST /auth/refresh");
    const late = expect(one!.refresh()).rejects.toMatchObject({ code: "signed_out" });
    await settle();
    const out = two!.signOut();
    await settle();
    release();
    await Promise.all([late, out]);
    await settle();
    expect([one!.session, two!.session]).toEqual([null, null]);
    expect(client(bulla, { mode: "cookie" }).session).toBeNull();
  });

  test(`${mode}: an old session that ends takes no new one with it`, async () => {
    const shared = browser();
    const [one, two] = tabs(shared.storage);
    await one!.signIn(ADA);
    await settle();
    // This tab hears nothing of what comes while it asks.
    shared.clear();
    const release = bulla.hold("POST /auth/refresh", () => bulla.problem(401, "session_revoked"));
    const refreshed = one!.refresh();
    const entered = two!.signIn(ADA);
    await vi.advanceTimersByTimeAsync(3_000);
    await entered;
    release();
    expect(await refreshed).toBeNull();
    expect(one!.session).toBeNull();
    expect(two!.session?.id).toBe("session-2");
    expect(tabs(shared.storage)[2]?.session?.id).toBe("session-2");
  });
}

for (const mode of ["cookie", "token"] as const) {
  const pair = () => {
    const shared = browser();
    const [one, two] = [0, 1].map(() => client(bulla, mode === "token" ? { mode, storage: shared.storage } : { mode }));
    return { shared, one: one!, two: two! };
  };

  test(`${mode}: a tab that was frozen while another user signed in follows, and overwrites nothing`, async () => {
    const { shared, one, two } = pair();
    await one.signIn(ADA);
    await settle();
    shared.clear();
    await two.signIn({ ...ADA, email: "grace@example.com" });
    const heard: unknown[] = [];
    one.subscribe((event, session) => heard.push([event, session?.id]));
    await expect(one.refresh()).rejects.toMatchObject({ code: "signed_out" });
    expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
    expect(heard).toEqual([["signed_in", "session-2"]]);
    expect((await one.refresh())?.id).toBe("session-2");
    expect(client(bulla, mode === "token" ? { mode, storage: shared.storage } : { mode }).session?.id).toBe("session-2");
  });

  test(`${mode}: so does one that was frozen while it asked`, async () => {
    const { shared, one, two } = pair();
    await one.signIn(ADA);
    await settle();
    shared.clear();
    const old = bulla.session();
    let release = () => {};
    bulla.on("POST /auth/refresh", () => new Promise((resolve) => (release = () => resolve(old))));
    const late = expect(one.refresh()).rejects.toMatchObject({ code: "signed_out" });
    const entered = two.signIn({ ...ADA, email: "grace@example.com" });
    await vi.advanceTimersByTimeAsync(3_000);
    await entered;
    release();
    await late;
    expect([one.session?.id, two.session?.id]).toEqual(["session-2", "session-2"]);
    expect(client(bulla, mode === "token" ? { mode, storage: shared.storage } : { mode }).session?.id).toBe("session-2");
  });
}

test("a sign-in waits for another tab's sign-out, whose answer would take its cookies, but not for ever", async () => {
  browser();
  const [one, two] = [0, 1].map(() => client(bulla, { mode: "cookie" }));
  await one!.signIn(ADA);
  await settle();
  const asked = () => bulla.asked.map(({ call }) => call).slice(1);
  let release = bulla.hold("POST /auth/logout");
  let out = one!.signOut();
  await settle();
  let entered = two!.signIn(ADA);
  await settle();
  expect(asked()).toEqual(["POST /auth/logout"]);
  release();
  await Promise.all([out, entered]);
  expect(asked()).toEqual(["POST /auth/logout", "POST /auth/login"]);
  await settle();
  expect([one!.session?.id, two!.session?.id]).toEqual(["session-2", "session-2"]);
  release = bulla.hold("POST /auth/logout");
  out = one!.signOut();
  await settle();
  entered = two!.signIn(ADA);
  await vi.advanceTimersByTimeAsync(3_000);
  await entered;
  release();
  await out;
  expect(two!.session?.id).toBe("session-3");
});

test("a sign-out waits for another tab's refresh, whose answer would bring new cookies", async () => {
  browser();
  const [one, two] = [0, 1].map(() => client(bulla, { mode: "cookie" }));
  await one!.signIn(ADA);
  await settle();
  const release = bulla.hold("POST /auth/refresh");
  const refreshed = two!.refresh().catch(({ code }: { code: string }) => code);
  await settle();
  const out = one!.signOut();
  await settle();
  expect(bulla.calls("POST /auth/logout")).toHaveLength(0);
  release();
  await out;
  expect(await refreshed).toBe("signed_out");
  expect(bulla.asked.at(-1)?.call).toBe("POST /auth/logout");
});

test("a visitor by cookie whose token is due is renewed before it becomes a user, and waits for nobody", async () => {
  browser();
  const one = client(bulla, { mode: "cookie" });
  vi.useRealTimers();
  await one.signInAnonymously();
  vi.useFakeTimers({ now: Date.now() + 890_000, toFake: ["Date"] });
  expect((await one.upgrade(ADA))?.anonymous).toBe(false);
  expect(bulla.asked.map(({ call }) => call).slice(2)).toEqual(["GET /auth/challenge", "POST /auth/anonymous", "POST /auth/upgrade"]);
});

test("news of a session that crosses with its sign-out resurrects nobody", async () => {
  browser();
  const one = client(bulla, { mode: "cookie" });
  const session = await one.signIn(ADA);
  await one.signOut();
  const channel = new BroadcastChannel("bulla:cookie:https://api.example");
  channel.postMessage({ held: { session } });
  await settle();
  expect(one.session).toBeNull();
  channel.postMessage({ held: { session: { ...session, id: "another" } } });
  await settle();
  expect(one.session?.id).toBe("another");
});

test.each([{}, { held: {} }, { held: { session: {} } }, { held: { session: { id: "x", user: { id: "u" } } } }])("news that is none changes nothing: %j", async (news) => {
  browser();
  const one = client(bulla, { mode: "cookie" });
  const session = await one.signIn(ADA);
  const channel = new BroadcastChannel("bulla:cookie:https://api.example");
  channel.postMessage(news);
  await settle();
  expect(one.session).toBe(session);
  channel.postMessage({ held: { session: { ...session, id: "x" } } });
  await settle();
  expect(one.session?.id).toBe("x");
});

test("older news does not replace newer", async () => {
  browser();
  const one = client(bulla, { mode: "cookie" });
  const session = await one.signIn(ADA);
  const channel = new BroadcastChannel("bulla:cookie:https://api.example");
  for (const [offset, expected] of [
    [-1, session.expiresAt],
    [1, session.expiresAt + 1],
  ] as const) {
    channel.postMessage({ held: { session: { ...session, expiresAt: session.expiresAt + offset } } });
    await settle();
    expect(one.session?.expiresAt).toBe(expected);
  }
});

test("who signs out while waiting for a lock asks for nothing when it comes", async () => {
  const shared = browser();
  const one = client(bulla, { mode: "cookie" });
  await one.signIn(ADA);
  shared.heldForEver = true;
  const waiting = expect(one.refresh()).rejects.toMatchObject({ code: "signed_out" });
  const out = one.signOut();
  await vi.advanceTimersByTimeAsync(3_000);
  await Promise.all([waiting, out]);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});

test("without locks tabs refresh on their own", async () => {
  const shared = browser();
  const one = client(bulla, { mode: "cookie", locks: false });
  await one.signIn(ADA);
  shared.heldForEver = true;
  expect((await one.refresh())?.id).toBe("session-1");
});

test("a browser without locks or channels will do", async () => {
  browser({ locks: false });
  vi.stubGlobal("BroadcastChannel", undefined);
  const one = client(bulla, { mode: "cookie" });
  await one.signIn(ADA);
  expect((await one.refresh())?.id).toBe("session-1");
});

test("what another tab stored is what is refreshed with, even if nothing was heard of it", async () => {
  const shared = browser();
  const [one, two] = [0, 1].map(() => client(bulla, { storage: shared.storage }));
  await one!.signIn(ADA);
  await settle();
  shared.clear();
  await two!.refresh();
  await one!.refresh();
  expect(bulla.calls("POST /auth/refresh").map(({ body }) => body?.refresh_token)).toEqual(["brt_1_1", "brt_1_2"]);
});

test("a refresh of another tab is taken from the storage, even if nothing was heard of it", async () => {
  const shared = browser();
  const [one, two] = [0, 1].map(() => client(bulla, { mode: "cookie" }));
  await one!.signIn(ADA);
  await settle();
  shared.clear();
  await vi.advanceTimersByTimeAsync(1_000);
  const refreshed = await two!.refresh();
  expect(await one!.refresh()).toEqual(refreshed);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
});

test("clients that share no storage share nothing", async () => {
  browser();
  const [one, two] = [client(bulla), client(bulla)];
  await one.signIn(ADA);
  await settle();
  expect(two.session).toBeNull();
});

test("what is disposed tells no other tab, and can still be used", async () => {
  const shared = browser();
  const [one, two] = [0, 1].map(() => client(bulla, { mode: "cookie" }));
  one!.dispose();
  expect((await one!.signIn(ADA)).id).toBe("session-1");
  await settle();
  expect(two!.session).toBeNull();
  expect(shared.storage.length).toBe(1);
});
