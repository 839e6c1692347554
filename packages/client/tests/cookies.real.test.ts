// What a page of Bulla's own does with tokens in cookies, and what pages of others cannot do.

import { createServer, type Server as Site } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ask, chromiumForTests, ELSEWHERE, type Heard, type Profile } from "./support/chromium.js";
import { type Server, serve } from "./support/server.js";

const PASSWORD = "correct horse battery staple";
const MEANT = { "X-Bulla-CSRF": "1" };
const MONTH = 30 * 24 * 3600;

const profile = chromiumForTests();
let elsewhere: Site;
let port: number;

beforeAll(async () => {
  elsewhere = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><body>"));
  await new Promise<void>((listening) => elsewhere.listen(0, "127.0.0.1", listening));
  ({ port } = elsewhere.address() as AddressInfo);
});
afterAll(() => {
  elsewhere.closeAllConnections();
  elsewhere.close();
});

const says = (heard: Heard, status: number, code?: string) => {
  expect(heard.status, JSON.stringify(heard)).toBe(status);
  if (code) expect(heard.body?.code).toBe(code);
};
const login = (email: string, extra = {}) => ({ json: { email, password: PASSWORD, mode: "cookie", ...extra }, headers: MEANT });
const shown = async (page: Page) => JSON.parse(await page.locator("body").innerText()) as Record<string, unknown>;

for (const [prefix, environment] of [
  ["__Host-", {}],
  ["", { BULLA__COOKIES__PLAIN_LOOPBACK: "true" }],
] as const) {
  const names = prefix || "no prefix";
  let server: Server;
  /** Under the name that has cookies. */
  let bulla: string;
  beforeAll(async () => {
    server = await serve(undefined, environment);
    bulla = `http://localhost:${new URL(server.url).port}`;
  }, 60_000);
  afterAll(() => server?.end());

  let people = 0;
  /** Somebody signed in on a page of Bulla's own. */
  async function signedIn({ open }: Profile) {
    const page = await open(`${bulla}/`);
    const email = `ada-${++people}@example.com`;
    const registered = await ask(page, "POST", "/auth/register", login(email));
    says(registered, 201);
    return { page, email, registered };
  }

  test(`${names}: a script sees no token, and each cookie is what it should be`, async () => {
    const one = await profile();
    const { page, email, registered } = await signedIn(one);
    expect(registered.body).not.toHaveProperty("access_token");
    expect(registered.body).not.toHaveProperty("refresh_token");
    expect(await page.evaluate(() => document.cookie)).toBe("");
    const cookies = await one.context.cookies();
    expect(cookies.map(({ name }) => name).sort()).toEqual([`${prefix}bulla_access`, `${prefix}bulla_refresh`]);
    for (const cookie of cookies) {
      const sameSite = cookie.name.endsWith("access") ? "Lax" : "Strict";
      expect(cookie).toMatchObject({ httpOnly: true, secure: prefix !== "", path: "/", domain: "localhost", sameSite });
      expect(Math.abs(cookie.expires - Date.now() / 1000 - MONTH)).toBeLessThan(300);
    }
    expect((await ask(page, "GET", "/api/profile")).body?.email).toBe(email);
  });

  test(`${names}: what changes something is meant, or refused`, async () => {
    const { page } = await signedIn(await profile());
    const json = { message: "hello" };
    says(await ask(page, "POST", "/contact", { json }), 403, "csrf_refused");
    says(await ask(page, "POST", "/contact", { json, headers: MEANT }), 200);
  });

  // Another origin of the same site, whose requests have all cookies; and another site, whose forms have none.
  test.each([
    ["localhost", "csrf_refused"],
    [ELSEWHERE, "token_missing"],
  ])(`${names}: a page of %s does nothing in the user's name`, async (host, refused) => {
    const one = await profile();
    const { page } = await signedIn(one);
    const { id } = (await ask(page, "GET", "/auth/me")).body!;
    const eve = { email: `eve-${++people}@example.com`, password: PASSWORD };
    const headers = { "Content-Type": "application/json" };
    expect((await fetch(`${bulla}/auth/register`, { method: "POST", headers, body: JSON.stringify(eve) })).status).toBe(201);
    const attacker = await one.open(`http://${host}:${port}/`);
    const form = async (action: string, fields: Record<string, string>, enctype: string) => {
      await Promise.all([
        attacker.waitForURL(action),
        attacker.evaluate(
          ({ action, fields, enctype }) => {
            const form = Object.assign(document.createElement("form"), { method: "post", action, enctype });
            for (const [name, value] of Object.entries(fields)) {
              form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
            }
            document.body.append(form);
            form.submit();
          },
          { action, fields, enctype },
        ),
      ]);
      const answer = await shown(attacker);
      await attacker.goto(`http://${host}:${port}/`);
      return answer;
    };
    expect((await form(`${bulla}/auth/logout`, {}, "application/x-www-form-urlencoded")).code).toBe(refused);
    // A form that is JSON when it arrives: the login as somebody else.
    const asJson = `{"email":"${eve.email}","password":"${PASSWORD}","mode":"cookie","expires_in":1,"x":"`;
    expect((await form(`${bulla}/auth/login`, { [asJson]: '"}' }, "text/plain")).code).toBe("content_type_unsupported");
    for (const [path, options] of [
      ["/auth/login", login(eve.email)],
      ["/auth/refresh", { headers: MEANT }],
      ["/auth/logout", { headers: MEANT }],
    ] as const) {
      expect(await ask(attacker, "POST", bulla + path, { ...options, credentials: "include" }), path).toHaveProperty("failed");
    }
    // What needs no preflight is sent, and refused.
    for (const path of ["/auth/refresh", "/auth/logout"]) {
      await ask(attacker, "POST", bulla + path, { mode: "no-cors", credentials: "include" });
    }
    expect(await ask(attacker, "GET", `${bulla}/auth/me`, { credentials: "include" })).toHaveProperty("failed");
    expect((await ask(page, "GET", "/auth/me")).body?.id).toBe(id);
    // Who follows a link is signed in.
    const me = `${bulla}/auth/me`;
    await Promise.all([attacker.waitForURL(me), attacker.evaluate((url) => void (location.href = url), me)]);
    expect((await shown(attacker)).id).toBe(id);
  });

  test(`${names}: an expired token is refreshed, by many tabs at once`, async () => {
    const one = await profile();
    const { page, email } = await signedIn(one);
    says(await ask(page, "POST", "/auth/login", login(email, { expires_in: 1 })), 200);
    const ended = () => ask(page, "GET", "/api/profile");
    says((await vi.waitUntil(async () => ((await ended()).status === 401 ? ended() : undefined), { timeout: 20_000 })) as Heard, 401, "token_expired");
    const other = await one.open(`${bulla}/`);
    const refresh = (tab: Page) => ask(tab, "POST", "/auth/refresh", { headers: MEANT });
    for (const answer of await Promise.all([refresh(page), refresh(other), refresh(page)])) {
      says(answer, 200);
      expect(answer.text).not.toContain("brt_");
    }
    for (const tab of [page, other]) says(await ask(tab, "GET", "/api/profile"), 200);
  });

  test(`${names}: who logs out has no cookies`, async () => {
    const one = await profile();
    const { page } = await signedIn(one);
    says(await ask(page, "POST", "/auth/logout"), 403, "csrf_refused");
    says(await ask(page, "POST", "/auth/logout", { headers: MEANT }), 204);
    expect(await one.context.cookies()).toEqual([]);
    says(await ask(page, "GET", "/api/profile"), 401, "token_missing");
    says(await ask(page, "POST", "/auth/refresh", { headers: MEANT }), 401, "token_missing");
  });
}
