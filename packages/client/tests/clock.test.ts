import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, client, disposeAll } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

test.each([-86_400_000, -10_000, 10_000, 86_400_000])("a server's clock that is %i ms ahead is gone by", async (skew) => {
  bulla.skew = skew;
  const one = client(bulla);
  await one.signIn(ADA);
  expect(one.now()).toBe(Date.now() + skew);
  expect(one.session?.expiresAt).toBe(Date.now() + skew + 900_000);
  await vi.advanceTimersByTimeAsync(839_000);
  expect(await one.getToken()).toBe("access-1-1");
  await vi.advanceTimersByTimeAsync(31_000);
  expect(await one.getToken()).toBe("access-1-2");
});

test("one that is off by what Date cannot tell is right", async () => {
  bulla.skew = 1_500;
  const one = client(bulla);
  await one.signIn(ADA);
  expect(one.now()).toBe(Date.now());
});

test("without a Date the machine's clock counts", async () => {
  const one = client(bulla);
  bulla.answer = (status, body) => new Response(JSON.stringify(body), { status });
  await one.signIn(ADA);
  expect(one.now()).toBe(Date.now());
});

test("a machine that slept asks for a new token before it gives one", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  vi.setSystemTime(Date.now() + 7_200_000);
  expect(await one.getToken()).toBe("access-1-2");
});
