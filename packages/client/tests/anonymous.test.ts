import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, client, disposeAll } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

test("a visitor proves work, and sees how it goes on", async () => {
  bulla.on("GET /auth/challenge", () => bulla.answer(200, { challenge: "abc", puzzles: 4, difficulty: 6 }));
  const shares: number[] = [];
  const one = client(bulla);
  const session = await one.signInAnonymously({ onProgress: (share) => shares.push(share) });
  expect(session).toMatchObject({ id: null, anonymous: true, user: { id: "anon_1" } });
  expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  const { challenge, nonces } = bulla.calls("POST /auth/anonymous")[0]!.body as { challenge: string; nonces: number[] };
  expect(challenge).toBe("abc");
  for (const [index, nonce] of nonces.entries()) {
    const hash = createHash("sha256").update(`abc.${index}.${nonce}`).digest();
    expect(hash[0]! >> 2).toBe(0);
  }
  expect(await one.getToken()).toBe("anon_1.1");
});

test("the work can be cancelled", async () => {
  bulla.on("GET /auth/challenge", () => bulla.answer(200, { challenge: "abc", puzzles: 1_000_000, difficulty: 1 }));
  const one = client(bulla);
  const stop = new AbortController();
  const reason = new Error("changed my mind");
  const onProgress = () => stop.abort(reason);
  await expect(one.signInAnonymously({ signal: stop.signal, onProgress })).rejects.toBe(reason);
  expect(one.session).toBeNull();
  expect(bulla.calls("POST /auth/anonymous")).toHaveLength(0);
  await one.signIn(ADA);
  expect(one.session?.id).toBe("session-1");
});

test("work that is cancelled before it begins is not begun", async () => {
  const reason = new Error("changed my mind");
  await expect(client(bulla).signInAnonymously({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(bulla.asked).toEqual([]);
});

test("a sign-out stops the work", async () => {
  bulla.on("GET /auth/challenge", () => bulla.answer(200, { challenge: "abc", puzzles: 1_000_000, difficulty: 1 }));
  const one = client(bulla);
  const onProgress = () => void one.signOut();
  await expect(one.signInAnonymously({ onProgress })).rejects.toMatchObject({ code: "signed_out" });
});

test("a visitor's token is renewed by a new proof, and the visitor stays who it was", async () => {
  const one = client(bulla);
  await one.signInAnonymously();
  vi.setSystemTime(Date.now() + 880_000);
  expect(await one.getToken()).toBe("anon_1.2");
  expect(bulla.calls("GET /auth/challenge")).toHaveLength(2);
  expect(bulla.calls("POST /auth/anonymous")[1]?.headers.get("Authorization")).toBe("Bearer anon_1.1");
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});

test("it is renewed by itself", async () => {
  vi.useRealTimers();
  vi.useFakeTimers();
  const one = client(bulla);
  const signedIn = one.signInAnonymously();
  await vi.waitFor(() => expect(one.session).not.toBeNull());
  await signedIn;
  await vi.advanceTimersByTimeAsync(871_000);
  await vi.waitFor(() => expect(one.session!.expiresAt).toBeGreaterThan(Date.now() + 800_000));
  expect(one.session?.user.id).toBe("anon_1");
});

test("a visitor becomes a user", async () => {
  const one = client(bulla);
  await one.signInAnonymously();
  const session = await one.upgrade(ADA);
  expect(bulla.calls("POST /auth/upgrade")[0]?.headers.get("Authorization")).toBe("Bearer anon_1.1");
  expect(session).toMatchObject({ id: "session-1", anonymous: false });
});

test("a visitor's sign-out forgets the token, which has no session to end", async () => {
  const one = client(bulla);
  await one.signInAnonymously();
  await one.signOut();
  expect(one.session).toBeNull();
  expect(bulla.calls("POST /auth/logout")).toHaveLength(0);
});

test("in cookie mode the sign-out clears a visitor's cookie, whatever the refusal says", async () => {
  bulla.on("POST /auth/logout", () => bulla.problem(403, "sign_in_required"));
  const one = client(bulla, { mode: "cookie" });
  await one.signInAnonymously();
  await one.signOut();
  expect(bulla.calls("POST /auth/logout")).toHaveLength(1);
});

test("where workers can be started, one does the work and is stopped", async () => {
  const ended = vi.fn();
  const asked: unknown[] = [];
  vi.stubGlobal(
    "Worker",
    class {
      onmessage: ((event: { data: unknown }) => void) | null = null;
      terminate = ended;
      postMessage(message: unknown) {
        asked.push(message);
        queueMicrotask(() => {
          this.onmessage?.({ data: { solved: 2 } });
          this.onmessage?.({ data: { nonces: [7, 8, 9, 10] } });
        });
      }
    },
  );
  const shares: number[] = [];
  await client(bulla).signInAnonymously({ onProgress: (share) => shares.push(share) });
  expect(asked).toEqual([{ challenge: "c", puzzles: 4, difficulty: 1 }]);
  expect(shares).toEqual([0.5]);
  expect(bulla.calls("POST /auth/anonymous")[0]?.body?.nonces).toEqual([7, 8, 9, 10]);
  expect(ended).toHaveBeenCalledOnce();
});

test("where the worker does not come up, the work is done without it", async () => {
  vi.stubGlobal(
    "Worker",
    class {
      onerror: (() => void) | null = null;
      terminate = () => {};
      postMessage = () => queueMicrotask(() => this.onerror?.());
    },
  );
  expect((await client(bulla).signInAnonymously()).anonymous).toBe(true);
});

test("a handshake that cannot be loaded is no answer", async () => {
  vi.doMock("../src/proof.js", () => {
    throw new TypeError("Failed to fetch dynamically imported module");
  });
  await expect(client(bulla).signInAnonymously()).rejects.toMatchObject({ code: "network_failed", retryable: true });
  vi.doUnmock("../src/proof.js");
});
