// In a real browser, against the real server, with what was built.

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Chromium, type Page } from "../../../crates/bulla/tests/it/flows/browser/chromium.mjs";
import type { Client, ClientOptions, createClient } from "../src/index.js";
import { serve } from "./support/server.js";

/** What the pages have. */
declare const window: {
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

const CONFIGURATION = (site: string) => `
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

let site: Server;
let server: Awaited<ReturnType<typeof serve>>;
let page: string;
let chromium: Chromium;
let people = 0;

beforeAll(async () => {
  site = createServer((request, response) => {
    const name = /^\/app\/([\w-]+\.js)$/.exec(request.url ?? "")?.[1];
    response.setHeader("Content-Type", name ? "text/javascript" : "text/html");
    response.end(name ? readFileSync(fileURLToPath(new URL(`../dist/${name}`, import.meta.url))) : PAGE);
  });
  await new Promise<void>((listening) => site.listen(0, "127.0.0.1", listening));
  server = await serve(CONFIGURATION(`http://127.0.0.1:${(site.address() as AddressInfo).port}`));
  page = `http://localhost:${new URL(server.url).port}/app/page`;
}, 60_000);
afterAll(async () => {
  await server?.end();
  site?.closeAllConnections();
  site?.close();
});
afterEach(() => chromium?.end());

const somebody = () => ({ ...ADA, email: `ada-${++people}@example.com` });
const open = () => chromium.open(page);
const names = (tabs: Page[]) => Promise.all(tabs.map((tab) => tab.run(() => window.bulla.session?.user.name ?? null)));
const refreshes = async (tabs: Page[]) => {
  const asked = await Promise.all(tabs.map((tab) => tab.run(() => window.asked)));
  return asked.flat().filter((path) => path === "/auth/refresh").length;
};

test("three tabs are one session, and make one refresh", async () => {
  chromium = new Chromium("localhost");
  const tabs = [await open(), await open(), await open()];
  await tabs[0]!.run(async (who) => void (await window.bulla.signUp(who)), somebody());
  await vi.waitUntil(async () => (await names(tabs)).every((name) => name === "Ada"), PATIENT);
  for (const tab of tabs) {
    await tab.run(() => {
      window.gate = new Promise((open) => (window.openGate = open));
      window.refreshed = window.bulla.refresh();
    });
  }
  for (const tab of tabs) await tab.run(() => window.openGate());
  for (const tab of tabs) await tab.run(async () => void (await window.refreshed));
  expect(await refreshes(tabs)).toBe(1);
  for (const tab of tabs) expect(await tab.run(async () => (await window.bulla.fetch("/api/x")).status)).toBe(200);
  await tabs[1]!.run(() => window.bulla.signOut());
  await vi.waitUntil(async () => (await names(tabs)).every((name) => name === null), PATIENT);
  expect(await tabs[2]!.run(async () => (await window.bulla.fetch("/api/x")).status)).toBe(401);
});

test("a lock that another tab holds for ever is not waited for", async () => {
  chromium = new Chromium("localhost");
  const [one, two] = [await open(), await open()];
  await one.run(async (who) => void (await window.bulla.signUp(who)), somebody());
  await two.run(() => new Promise<void>((held) => void navigator.locks.request("bulla:cookie:", () => (held(), new Promise(() => {})))));
  expect(await one.run(async () => (await window.bulla.refresh())?.user.name)).toBe("Ada");
  const waits = await two.run(async () => (await navigator.locks.query()).held?.length);
  expect(waits).toBe(1);
});

test("offline nobody is signed out, a page opened again knows who it was, and online it goes on", async () => {
  chromium = new Chromium("localhost");
  const tab = await open();
  await tab.run(async (who) => void (await window.bulla.signUp(who)), somebody());
  const connected = (offline: boolean) =>
    tab.ask("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await tab.ask("Network.enable");
  await connected(false);
  await connected(true);
  expect(await tab.run(() => window.bulla.refresh().catch(({ code }: { code: string }) => code))).toBe("network_failed");
  expect(await tab.run(() => window.open().session?.user)).toMatchObject({ name: "Ada", roles: [] });
  await connected(false);
  expect(await tab.run(async () => (await window.bulla.refresh())?.user.name)).toBe("Ada");
});

test("a reply that is lost logs nobody out", async () => {
  chromium = new Chromium("localhost");
  const tab = await open();
  await tab.run(async (who) => void (await window.bulla.signUp(who)), somebody());
  await tab.ask("Fetch.enable", { patterns: [{ urlPattern: "*/auth/refresh", requestStage: "Response" }] });
  for (let round = 0; round < 3; round += 1) {
    const paused = chromium.next("Fetch.requestPaused", tab.session);
    const lost = tab.run(() => window.bulla.refresh().catch(({ code }: { code: string }) => code));
    const { requestId } = await paused;
    await tab.ask("Fetch.failRequest", { requestId, errorReason: "ConnectionReset" });
    expect(await lost).toBe("network_failed");
  }
  await tab.ask("Fetch.disable");
  expect(await tab.run(async () => (await window.bulla.refresh())?.user.name)).toBe("Ada");
  expect(await tab.run(async () => (await window.bulla.fetch("/api/x")).status)).toBe(200);
});

test("a machine whose clock is an hour off knows the server's time, and its tokens are good", async () => {
  chromium = new Chromium("localhost");
  const tab = await open();
  await tab.ask("Page.addScriptToEvaluateOnNewDocument", {
    source: "const now = Date.now; Date.now = () => now() - 3_600_000;",
  });
  await tab.go(page);
  const [shown, left, status, asked] = await tab.run(async (who) => {
    const bulla = window.open({ url: location.origin, mode: "token" });
    const session = await bulla.signUp(who);
    const answer = await bulla.fetch("/api/x");
    return [bulla.now(), session!.expiresAt - bulla.now(), answer.status, window.asked.length] as const;
  }, somebody());
  expect(Math.abs(shown - Date.now())).toBeLessThan(60_000);
  expect(left).toBeGreaterThan(800_000);
  expect(left).toBeLessThanOrEqual(900_000);
  expect([status, asked]).toEqual([200, 2]);
});

test("a visitor's work is done in a worker", async () => {
  chromium = new Chromium("localhost");
  const tab = await open();
  const { anonymous, shares, worker } = await tab.run(async () => {
    const shares: number[] = [];
    const Real = Worker;
    let worker = "";
    globalThis.Worker = class extends Real {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        worker = String(url);
      }
    };
    const session = await window.bulla.signInAnonymously({ onProgress: (share) => shares.push(share) });
    return { anonymous: session.anonymous, shares, worker };
  });
  expect(anonymous).toBe(true);
  expect(shares).toHaveLength(16);
  expect(worker).toMatch(/\/app\/proof-worker\.js$/);
});
