// In a real browser, against the real server, with what was built.

import { readFileSync } from "node:fs";
import { createServer, type Server as Site } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Client, ClientOptions, Credentials, createClient } from "../src/index.js";
import { chromiumForTests } from "./support/chromium.js";
import { type Server, serve } from "./support/server.js";
import { Tunnel } from "./support/tunnel.js";

/** What the pages have. */
declare const window: {
  fetch: typeof fetch;
  createClient: typeof createClient;
  open: (options?: ClientOptions) => Client;
  bulla: Client;
  asked: string[];
  /** No request goes out before. */
  gate: Promise<void>;
  openGate: () => void;
  refreshed: Promise<unknown>;
};

const PAGE = `<!doctype html><script type="module">
import { createClient } from "/app/index.js";
window.createClient = createClient;
window.asked = [];
window.open = (options) => createClient({
  fetch: async (input, init) => {
    window.asked.push(new URL(input.url ?? input, location).pathname);
    await window.gate;
    return fetch(input, init);
  },
  ...options,
});
window.bulla = window.open();
</script>`;

const CONFIGURATION = (port: number, site: string) => `
public_url = "http://localhost:${port}"
[[upstream]]
name = "site"
servers = ["${site}"]
[[route]]
path = "/app/{*rest}"
upstream = "site"
access = "public"
[[route]]
path = "/api/{*rest}"
upstream = "site"
access = "authenticated"
`;

const ADA = { email: "ada@example.com", password: "a clay envelope, sealed", name: "Ada" };
const PATIENT = { timeout: 20_000 };

const profile = chromiumForTests();
const tunnel = new Tunnel();
let site: Site;
let server: Server;
let page: string;
let people = 0;

beforeAll(async () => {
  site = createServer((request, response) => {
    const name = /^\/app\/([\w-]+\.js)$/.exec(request.url ?? "")?.[1];
    response.setHeader("Content-Type", name ? "text/javascript" : "text/html");
    response.end(name ? readFileSync(fileURLToPath(new URL(`../dist/${name}`, import.meta.url))) : PAGE);
  });
  await new Promise<void>((listening) => site.listen(0, "127.0.0.1", listening));
  const port = await tunnel.listen();
  server = await serve(CONFIGURATION(port, `http://127.0.0.1:${(site.address() as AddressInfo).port}`));
  tunnel.lead(server.url);
  page = `http://localhost:${port}/app/page`;
}, 60_000);
afterEach(() => {
  tunnel.loses = false;
});
afterAll(async () => {
  tunnel.end();
  await server?.end();
  site?.closeAllConnections();
  site?.close();
});

const somebody = () => ({ ...ADA, email: `ada-${++people}@example.com` });
/** Returns what they sign in with. */
const signUp = async (tab: Page, who = somebody()) => {
  await tab.evaluate(async (who) => void (await window.bulla.signUp(who)), who);
  const { email, password } = who;
  return { email, password };
};
const refresh = (tab: Page) =>
  tab.evaluate(() =>
    window.bulla.refresh().then(
      (session) => session?.user.name,
      ({ code }: { code: string }) => code,
    ),
  );
const name = (tab: Page) => tab.evaluate(() => window.bulla.session?.user.name ?? null);
const allAre = (tabs: Page[], expected: string | null) =>
  vi.waitUntil(async () => (await Promise.all(tabs.map(name))).every((shown) => shown === expected), PATIENT);
const status = (tab: Page) => tab.evaluate(async () => (await window.bulla.fetch("/api/x")).status);

test("three tabs are one session, and make one refresh", async () => {
  const { open } = await profile();
  const tabs = [await open(page), await open(page), await open(page)] as const;
  await signUp(tabs[0]);
  await allAre([...tabs], "Ada");
  for (const tab of tabs) {
    await tab.evaluate(() => {
      window.asked.length = 0;
      window.gate = new Promise((open) => (window.openGate = open));
      window.refreshed = window.bulla.refresh();
    });
  }
  for (const tab of tabs) await tab.evaluate(() => window.openGate());
  for (const tab of tabs) await tab.evaluate(async () => void (await window.refreshed));
  const asked = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.asked)));
  expect(asked.flat()).toEqual(["/auth/refresh"]);
  for (const tab of tabs) expect(await status(tab)).toBe(200);
  await tabs[1].evaluate(() => window.bulla.signOut());
  await allAre([...tabs], null);
  expect(await status(tabs[2])).toBe(401);
});

test("a lock that another tab holds for ever is not waited for: not to refresh, to sign out or to sign in", async () => {
  const { open } = await profile();
  const [one, two] = [await open(page), await open(page)];
  const who = await signUp(one);
  await two.evaluate(() => new Promise<void>((held) => void navigator.locks.request("bulla:cookie:", () => (held(), new Promise(() => {})))));
  expect(await refresh(one)).toBe("Ada");
  await one.evaluate(() => window.bulla.signOut());
  expect(await one.evaluate(async (who) => (await window.bulla.signIn(who)).user.name, who)).toBe("Ada");
  const waits = await two.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
  expect(waits).toEqual(["bulla:cookie:"]);
});

test("offline nobody is signed out, a page opened again knows who it was, and online it goes on", async () => {
  const { context, open } = await profile();
  const tab = await open(page);
  await signUp(tab);
  await context.setOffline(true);
  expect(await refresh(tab)).toBe("network_failed");
  expect(await tab.evaluate(() => window.open().session)).toMatchObject({ user: { name: "Ada", roles: [] } });
  expect(await tab.evaluate(() => JSON.stringify(Object.entries(localStorage)))).not.toMatch(/brt_|eyJ/);
  expect(await name(tab)).toBe("Ada");
  await context.setOffline(false);
  expect(await refresh(tab)).toBe("Ada");
});

test("replies that are lost, with the cookies in them, log nobody out", async () => {
  const { context, open } = await profile();
  const tab = await open(page);
  await signUp(tab);
  const cookies = await context.cookies();
  expect(cookies).toHaveLength(2);
  for (let round = 1; round <= 3; round += 1) {
    tunnel.loses = true;
    const before = tunnel.lost;
    expect(await refresh(tab)).toBe("network_failed");
    expect(tunnel.lost).toBeGreaterThan(before);
    tunnel.loses = false;
  }
  expect(await context.cookies()).toEqual(cookies);
  expect(await refresh(tab)).toBe("Ada");
  expect(await context.cookies()).not.toEqual(cookies);
  expect(await status(tab)).toBe(200);
});

test.each([-3_600_000, 3_600_000])("a machine whose clock is %i ms off knows the server's time, and its tokens are good", async (skew) => {
  const { context, open } = await profile();
  await context.addInitScript((skew) => {
    const { now } = Date;
    Date.now = () => now() + skew;
  }, skew);
  const tab = await open(page);
  const [shown, left, status, asked] = await tab.evaluate(async (who) => {
    const bulla = window.open({ url: location.origin, mode: "token" });
    const session = await bulla.signUp(who);
    const answer = await bulla.fetch("/api/x");
    return [bulla.now(), session!.expiresAt - bulla.now(), answer.status, window.asked] as const;
  }, somebody());
  expect(Math.abs(shown - Date.now())).toBeLessThan(60_000);
  expect(left).toBeGreaterThan(800_000);
  expect(left).toBeLessThanOrEqual(900_000);
  expect([status, asked]).toEqual([200, ["/auth/register", "/api/x"]]);
});

test("a visitor's work is done in a worker", async () => {
  const { open } = await profile();
  const tab = await open(page);
  const worker = tab.waitForEvent("worker");
  const { anonymous, shares } = await tab.evaluate(async () => {
    const shares: number[] = [];
    const session = await window.bulla.signInAnonymously({ onProgress: (share) => shares.push(share) });
    return { anonymous: session.anonymous, shares };
  });
  expect(anonymous).toBe(true);
  expect(shares).toHaveLength(16);
  expect((await worker).url()).toMatch(/\/app\/proof-worker\.js$/);
});

test("tabs that store nothing share their cookies, and hear of one another", async () => {
  const { open } = await profile();
  const tabs = [await open(page), await open(page)] as const;
  for (const tab of tabs) {
    await tab.evaluate(() => {
      window.bulla.dispose();
      window.bulla = window.open({ storage: null });
    });
  }
  await signUp(tabs[0]);
  await allAre([...tabs], "Ada");
  await tabs[1].evaluate(() => window.bulla.signOut());
  await allAre([...tabs], null);
});

test("the browser's own fetch can be given, and a path be where Bulla answers", async () => {
  const { open } = await profile();
  const tab = await open(page);
  const who = await signUp(tab);
  const signedIn = (who: Credentials) => window.createClient({ fetch: window.fetch }).signIn(who);
  expect((await tab.evaluate(signedIn, who)).user.name).toBe("Ada");
  const asked = await tab.evaluate(async (who) => {
    const bulla = window.open({ url: "/elsewhere" });
    await bulla.signIn(who).catch(() => {});
    await bulla.call("GET", "/auth/me").catch(() => {});
    await bulla.fetch("/api/orders");
    return window.asked.slice(-3);
  }, who);
  expect(asked).toEqual(["/elsewhere/auth/login", "/elsewhere/auth/me", "/elsewhere/api/orders"]);
});

test("a tab that was frozen while another user signed in is that user's when it wakes", async () => {
  const { context, open } = await profile();
  const [one, two] = [await open(page), await open(page)];
  await signUp(one);
  await allAre([one, two], "Ada");
  const control = await context.newCDPSession(one);
  await control.send("Page.setWebLifecycleState", { state: "frozen" });
  await two.evaluate(() => window.bulla.signOut());
  await signUp(two, { ...somebody(), name: "Grace" });
  await control.send("Page.setWebLifecycleState", { state: "active" });
  await vi.waitUntil(async () => (await refresh(one)) === "Grace", PATIENT);
  expect(await name(two)).toBe("Grace");
  expect(await status(two)).toBe(200);
});
