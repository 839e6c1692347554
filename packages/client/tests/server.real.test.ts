// Against the real server.

import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type ClientOptions, createClient } from "../src/index.js";
import { useSession } from "../src/react.js";
import { createServerClient } from "../src/server.js";
import { jar } from "./support/jar.js";
import { serve } from "./support/server.js";
import { storage } from "./support/bulla.js";

let server: Awaited<ReturnType<typeof serve>>;
const made: { dispose: () => void }[] = [];
let people = 0;

beforeAll(async () => {
  server = await serve();
}, 60_000);
afterAll(() => server?.end());
afterEach(() => {
  for (const one of made.splice(0)) one.dispose();
});

const somebody = () => ({ email: `somebody-${++people}@example.com`, password: "a clay envelope, sealed" });

function client(options: ClientOptions = {}) {
  const one = createClient({ url: server.url, mode: "token", ...options });
  made.push(one);
  return one;
}

test("signing up, asking, refreshing and signing out", async () => {
  const one = client();
  const who = somebody();
  const session = await one.signUp({ ...who, name: "Ada" });
  expect(session?.user).toMatchObject({ email: who.email, name: "Ada", roles: [], plan: "free" });
  expect(await (await one.fetch("/api/profile")).json()).toMatchObject({ id: session?.user.id });
  const old = await one.getToken();
  expect(one.decode(old).payload).toMatchObject({ sub: session?.user.id, sid: session?.id });
  await one.refresh();
  expect(await one.getToken()).not.toBe(old);
  await one.signOut();
  const refused = await fetch(`${server.url}/api/profile`, { headers: { Authorization: `Bearer ${old}` } });
  expect(refused.status).toBe(401);
  expect((await one.signIn(who)).user.id).toBe(session?.user.id);
});

test("a refresh whose reply is lost logs nobody out", async () => {
  let lose = false;
  const one = client({
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      if (lose) throw new TypeError("connection reset");
      return answer;
    },
  });
  await one.signUp(somebody());
  for (let round = 0; round < 3; round += 1) {
    lose = true;
    await expect(one.refresh()).rejects.toMatchObject({ code: "network_failed" });
    lose = false;
    await one.refresh();
    expect((await one.fetch("/api/profile")).status).toBe(200);
  }
});

test("a hundred refreshes at once, by pages that know nothing of each other", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const kept = storage();
  await client({ storage: kept }).signUp(somebody());
  const pages = Array.from({ length: 100 }, () => client({ storage: kept }));
  const sessions = await Promise.all(pages.map((page) => page.refresh()));
  expect(new Set(sessions.map((session) => session?.id)).size).toBe(1);
  expect((await pages[0]!.fetch("/api/profile")).status).toBe(200);
});

test("a token that has expired without the client's knowing is replaced on the way", async () => {
  const asked: string[] = [];
  const one = client({
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      asked.push(`${new URL(answer.url).pathname} ${answer.status}`);
      if (!answer.url.endsWith("/auth/register")) return answer;
      return Response.json({ ...((await answer.json()) as object), expires_in: 900 }, answer);
    },
  });
  await one.signUp({ ...somebody(), expires_in: 1 });
  const Authorization = `Bearer ${await one.getToken()}`;
  const profile = () => fetch(`${server.url}/api/profile`, { headers: { Authorization } });
  await vi.waitUntil(async () => (await profile()).status === 401, { timeout: 20_000 });
  expect((await one.fetch("/api/profile")).status).toBe(200);
  expect(asked).toEqual(["/auth/register 201", "/api/profile 401", "/auth/refresh 200", "/api/profile 200"]);
});

test("signing out everywhere ends the other devices", async () => {
  const who = somebody();
  const [here, there] = [client(), client()];
  await here.signUp(who);
  await there.signIn(who);
  await here.signOut({ all: true });
  expect((await there.fetch("/api/profile")).status).toBe(401);
  expect(there.session).toBeNull();
});

test("a visitor proves work, renews, and becomes a user under the same name", async () => {
  const one = client();
  const visitor = await one.signInAnonymously();
  const renewed = await one.refresh();
  expect(renewed?.user.id).toBe(visitor.user.id);
  const sent = await one.fetch("/contact", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"message":"hello"}' });
  expect(sent.ok).toBe(true);
  const session = await one.upgrade(somebody());
  expect(session).toMatchObject({ anonymous: false, user: { id: visitor.user.id } });
  expect((await one.fetch("/api/profile")).status).toBe(200);
});

test("refusals are errors with the server's code", async () => {
  const one = client();
  const who = somebody();
  await one.signUp(who);
  await expect(client().signUp(who)).rejects.toMatchObject({ code: "email_taken", status: 409 });
  await expect(client().signIn({ ...who, password: "wrong, and long enough" })).rejects.toMatchObject({ code: "credentials_invalid" });
  await expect(client().signUp({ email: "x@example.com", password: "x" })).rejects.toMatchObject({ code: "password_refused" });
});

test("in cookie mode the tokens are cookies, and no script sees one", async () => {
  const { cookies, fetch } = jar(server.url);
  const one = client({ mode: "cookie", fetch, storage: storage() });
  const session = await one.signUp(somebody());
  expect([...cookies.keys()].sort()).toEqual(["__Host-bulla_access", "__Host-bulla_refresh"]);
  const before = cookies.get("__Host-bulla_refresh");
  expect((await one.fetch("/api/profile")).status).toBe(200);
  const ordered = await one.fetch("/api/orders", { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"items":[1]}' });
  expect(ordered.status).toBe(201);
  expect((await one.refresh())?.id).toBe(session?.id);
  expect(cookies.get("__Host-bulla_refresh")).toBeDefined();
  expect(before).toBeDefined();
  await one.signOut();
  expect([...cookies.keys()]).toEqual([]);
  expect((await one.fetch("/api/profile")).status).toBe(401);
});

test("a visitor by cookie renews, becomes a user, and another one is forgotten", async () => {
  const { cookies, fetch } = jar(server.url);
  const one = client({ mode: "cookie", fetch, storage: storage() });
  const visitor = await one.signInAnonymously();
  expect((await one.refresh())?.user.id).toBe(visitor.user.id);
  expect((await one.upgrade(somebody()))?.user.id).toBe(visitor.user.id);
  expect((await one.fetch("/api/profile")).status).toBe(200);
  await one.signOut();
  expect((await one.signInAnonymously()).user.id).not.toBe(visitor.user.id);
  expect([...cookies.keys()]).toEqual(["__Host-bulla_access"]);
  await one.signOut();
  expect([...cookies.keys()]).toEqual([]);
});

test("a server that renders pages knows who asked, and refreshes where it can set cookies", async () => {
  const { cookies, fetch } = jar(server.url);
  const one = client({ mode: "cookie", fetch, storage: storage() });
  const session = await one.signUp({ ...somebody(), name: "Ada", expires_in: 1 });
  one.dispose();
  const header = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const request = { headers: new Headers({ Cookie: header }) };
  const reading = createServerClient({ url: server.url, request });
  await vi.waitUntil(async () => (await reading.user()) === null, { timeout: 20_000 });
  const lines: string[] = [];
  const writing = createServerClient({ url: server.url, request, setCookie: (line) => lines.push(line) });
  expect((await writing.user())?.id).toBe(session?.user.id);
  expect(lines.map((line) => line.split("=", 1)[0]).sort()).toEqual(["__Host-bulla_access", "__Host-bulla_refresh"]);
  expect((await writing.fetch("/api/profile")).status).toBe(200);
  expect(lines).toHaveLength(2);
  const rendered = await writing.session();
  expect(rendered).toMatchObject({ id: session?.id, anonymous: false, user: session?.user });
  expect(Math.abs(rendered!.expiresAt - Date.now() - 900_000)).toBeLessThan(30_000);
  const Name = () => createElement("b", null, useSession(one, rendered)?.user.name);
  expect(renderToString(createElement(Name))).toBe("<b>Ada</b>");
  expect(await createServerClient({ url: server.url, request: { headers: new Headers() } }).session()).toBeNull();
});
