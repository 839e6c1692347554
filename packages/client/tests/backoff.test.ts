import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, client, disposeAll, offline } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  vi.useFakeTimers();
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

test.each([
  [429, "rate_limited"],
  [503, "overloaded"],
])("after %i nothing is asked before Retry-After has passed", async (status, code) => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("POST /auth/refresh", () => bulla.problem(status, code, { "Retry-After": "120" }));
  const refused = { code, status, retryable: true, retryAfter: 120 };
  await expect(one.refresh()).rejects.toMatchObject(refused);
  await vi.advanceTimersByTimeAsync(119_000);
  await expect(one.refresh()).rejects.toMatchObject(refused);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3_000);
  await expect(one.refresh()).rejects.toMatchObject(refused);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(2);
});

test("pauses double up to a minute, with jitter", async () => {
  for (const [random, pauses] of [
    [0, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
    [1, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]],
  ] as const) {
    vi.spyOn(Math, "random").mockReturnValue(random);
    bulla = new Bulla();
    const one = client(bulla);
    await one.signIn(ADA);
    const at: number[] = [];
    bulla.on("POST /auth/refresh", (asked) => {
      at.push(Date.now());
      return offline(asked);
    });
    await vi.advanceTimersByTimeAsync(900_000 + 150_000);
    expect(at.slice(1, 9).map((time, index) => time - at[index]!)).toEqual(pauses);
    one.dispose();
  }
});

test("after a success pauses are short again", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  const one = client(bulla);
  await one.signIn(ADA);
  const refresh = bulla.handlers.get("POST /auth/refresh")!;
  for (let round = 0; round < 2; round += 1) {
    bulla.on("POST /auth/refresh", offline);
    await expect(one.refresh()).rejects.toMatchObject({ code: "network_failed" });
    bulla.on("POST /auth/refresh", refresh);
    await one.refresh();
  }
  vi.setSystemTime(one.session!.expiresAt);
  bulla.on("POST /auth/refresh", offline);
  await expect(one.refresh()).rejects.toMatchObject({ code: "network_failed" });
  bulla.on("POST /auth/refresh", refresh);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(one.session!.expiresAt).toBeGreaterThan(one.now());
});
