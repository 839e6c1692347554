import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, browser, client, disposeAll, storage } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  vi.useFakeTimers();
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

const warnings = () => vi.spyOn(console, "warn").mockImplementation(() => {});

test("in token mode nothing is stored unless it is asked for", async () => {
  const shared = browser();
  await client(bulla).signIn(ADA);
  expect(shared.storage.length).toBe(0);
});

test("a storage for the refresh token is warned of, and the access token is never there", async () => {
  const warned = warnings();
  const kept = storage();
  const one = client(bulla, { storage: kept });
  expect(warned).toHaveBeenCalledOnce();
  await one.signIn(ADA);
  const text = kept.getItem(kept.key(0)!);
  expect(text).toContain("brt_1_1");
  expect(text).not.toContain("access-");
});

test("a refresh token is stored before it is used", async () => {
  warnings();
  const kept = storage();
  const stored: boolean[] = [];
  const one = client(bulla, { storage: kept });
  const refresh = bulla.handlers.get("POST /auth/refresh")!;
  bulla.on("POST /auth/refresh", (asked) => {
    stored.push(kept.getItem(kept.key(0)!)!.includes(asked.body?.refresh_token as string));
    return refresh(asked);
  });
  one.subscribe(() => stored.push(kept.getItem(kept.key(0)!)!.includes(`"${bulla.token.replace("access-", "brt_").replace("-", "_")}"`)));
  await one.signIn(ADA);
  await one.refresh();
  await one.refresh();
  expect(stored).toEqual([true, true, true, true, true]);
});

test("a page that is opened again goes on with what was stored", async () => {
  warnings();
  const kept = storage();
  const before = client(bulla, { storage: kept });
  await before.signIn(ADA);
  before.dispose();
  const after = client(bulla, { storage: kept });
  expect(after.session?.id).toBe("session-1");
  expect(await after.getToken()).toBe("access-1-2");
  await after.signOut();
  expect(kept.length).toBe(0);
});

test("a visitor whose page is opened again stays who it was", async () => {
  warnings();
  vi.useRealTimers();
  const kept = storage();
  await client(bulla, { storage: kept }).signInAnonymously();
  const after = client(bulla, { storage: kept });
  expect(await after.getToken()).toBe("anon_1.2");
});

test("a storage that fails, or holds something else, keeps nothing and breaks nothing", async () => {
  const broken = () => {
    throw new DOMException("denied", "SecurityError");
  };
  const one = client(bulla, { mode: "cookie", storage: { getItem: broken, setItem: broken, removeItem: broken } });
  await one.signIn(ADA);
  await one.signOut();
  for (const text of ["{", "null", "[]", '{"session":{}}', "7"]) {
    const kept = { ...storage(), getItem: () => text };
    expect(client(bulla, { mode: "cookie", storage: kept }).session).toBeNull();
  }
});

test("a page whose cookies were set elsewhere finds out who is signed in", async () => {
  const one = client(bulla, { mode: "cookie" });
  expect((await one.refresh())?.user.name).toBe("Ada");
  bulla.on("POST /auth/refresh", () => bulla.problem(401, "token_missing"));
  expect(await client(bulla, { mode: "cookie" }).refresh()).toBeNull();
});

test("a storage that takes nothing any more gives nothing older either, and nobody is taken for a thief", async () => {
  warnings();
  const kept = storage();
  let full = false;
  const setItem = (key: string, value: string) => {
    if (full) throw new DOMException("full", "QuotaExceededError");
    kept.setItem(key, value);
  };
  const one = client(bulla, { storage: { ...kept, setItem } });
  await one.signIn(ADA);
  full = true;
  for (let round = 0; round < 3; round += 1) await one.refresh();
  expect(bulla.calls("POST /auth/refresh").map(({ body }) => body?.refresh_token)).toEqual(["brt_1_1", "brt_1_2", "brt_1_3"]);
  expect(kept.length).toBe(0);
});

test.each([true, false])("a storage that does not take who signs in makes nobody another user (can be emptied: %s)", async (removable) => {
  warnings();
  const kept = storage();
  let full = false;
  const refuse = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const broken = {
    ...kept,
    setItem: (key: string, value: string) => (full ? refuse() : kept.setItem(key, value)),
    removeItem: (key: string) => (full && !removable ? refuse() : kept.removeItem(key)),
  };
  const one = client(bulla, { storage: broken });
  await one.signIn(ADA);
  full = true;
  await one.signIn({ ...ADA, email: "grace@example.com" });
  expect((await one.refresh())?.id).toBe("session-2");
  expect(bulla.calls("POST /auth/refresh").map(({ body }) => body?.refresh_token)).toEqual(["brt_2_2"]);
});
