// What a page does with tokens in cookies, and what others cannot do: node cookies.mjs URL PREFIX
//
// URL is a `bulla serve` with its demo, under the name localhost; PREFIX what the names of its cookies begin with.

import assert from "node:assert/strict";
import { createServer } from "node:http";

import { Chromium } from "./chromium.mjs";

const [bulla, prefix] = process.argv.slice(2);
const password = "correct horse battery staple";
const meant = { "X-Bulla-CSRF": "1" };
const MONTH = 30 * 24 * 3600;

const says = (answer, status, code) => {
  assert.equal(answer.status, status, JSON.stringify(answer));
  if (code) assert.equal(answer.body.code, code);
};

/** Asks until the answer is so. */
const until = async (ask, holds) => {
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    assert(Date.now() < end, JSON.stringify(answer));
    await new Promise((done) => setTimeout(done, 50));
  }
};

async function signIn(page) {
  const registered = await page.fetch("POST", "/auth/register", {
    headers: meant,
    body: { email: "ada@example.com", password, mode: "cookie" },
  });
  says(registered, 201);
  assert(!("access_token" in registered.body) && !("refresh_token" in registered.body));
  assert.equal(await page.run(() => document.cookie), "", "a script reads them");
  const cookies = await page.cookies(bulla);
  assert.deepEqual(cookies.map(({ name }) => name).sort(), [`${prefix}bulla_access`, `${prefix}bulla_refresh`]);
  for (const cookie of cookies) {
    assert.equal(cookie.httpOnly, true);
    assert.equal(cookie.secure, prefix !== "");
    assert.equal(cookie.path, "/");
    assert.equal(cookie.domain, "localhost");
    assert.equal(cookie.sameSite, cookie.name.endsWith("access") ? "Lax" : "Strict");
    const left = cookie.expires - Date.now() / 1000;
    assert(left > MONTH - 300 && left < MONTH + 300, `${left}`);
  }
  const profile = await page.fetch("GET", "/api/profile");
  says(profile, 200);
  assert.equal(profile.body.email, "ada@example.com");
}

/** The account that the attacker would have the user sign in to. */
async function registerEve() {
  const answer = await fetch(`${bulla}/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "eve@example.com", password }),
  });
  assert.equal(answer.status, 201);
}

async function write(page) {
  const message = { message: "hello" };
  says(await page.fetch("POST", "/contact", { body: message }), 403, "csrf_refused");
  says(await page.fetch("POST", "/contact", { body: message, headers: meant }), 200);
}

/** What a page elsewhere tries that has no business here; `refused` is what becomes of a form that ends the session. */
async function attack(page, refused) {
  const form = (action, fields, enctype) =>
    page.lead(() =>
      page.run(
        (action, fields, enctype) => {
          const form = Object.assign(document.createElement("form"), { method: "post", action, enctype });
          for (const [name, value] of Object.entries(fields)) {
            form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
          }
          document.body.append(form);
          form.submit();
        },
        action,
        fields,
        enctype,
      ),
    );
  const back = await page.run(() => location.href);
  const answered = async () => JSON.parse(await page.run(() => document.body.innerText));

  await form(`${bulla}/auth/logout`, {}, "application/x-www-form-urlencoded");
  assert.equal((await answered()).code, refused);
  await page.go(back);
  // A form that is JSON when it arrives: the login as somebody else.
  const login = `{"email":"eve@example.com","password":"${password}","mode":"cookie","expires_in":1,"x":"`;
  await form(`${bulla}/auth/login`, { [login]: '"}' }, "text/plain");
  assert.equal((await answered()).code, "content_type_unsupported");
  await page.go(back);

  const url = (path) => `${bulla}${path}`;
  const body = { email: "eve@example.com", password, mode: "cookie" };
  for (const [path, options] of [
    ["/auth/login", { body, headers: meant }],
    ["/auth/refresh", { headers: meant }],
    ["/auth/logout", { headers: meant }],
  ]) {
    const answer = await page.fetch("POST", url(path), { ...options, credentials: "include" });
    assert(answer.failed, `${path} was asked: ${JSON.stringify(answer)}`);
  }
  // What needs no preflight is sent, and refused.
  for (const path of ["/auth/refresh", "/auth/logout"]) {
    await page.fetch("POST", url(path), { mode: "no-cors", credentials: "include" });
  }
  const read = await page.fetch("GET", url("/auth/me"), { credentials: "include" });
  assert(read.failed, `it was read: ${JSON.stringify(read)}`);
}

async function expire(page) {
  const login = { email: "ada@example.com", password, mode: "cookie", expires_in: 1 };
  says(await page.fetch("POST", "/auth/login", { headers: meant, body: login }), 200);
  const ended = await until(
    () => page.fetch("GET", "/api/profile"),
    ({ status }) => status !== 200,
  );
  says(ended, 401, "token_expired");
}

async function refresh(page, other) {
  const refresh = (page) => page.fetch("POST", "/auth/refresh", { headers: meant });
  for (const answer of await Promise.all([refresh(page), refresh(other), refresh(page)])) {
    says(answer, 200);
    assert(!answer.text.includes("brt_"));
  }
  for (const tab of [page, other]) says(await tab.fetch("GET", "/api/profile"), 200);
}

async function logOut(page) {
  says(await page.fetch("POST", "/auth/logout"), 403, "csrf_refused");
  says(await page.fetch("POST", "/auth/logout", { headers: meant }), 204);
  assert.deepEqual(await page.cookies(bulla), []);
  says(await page.fetch("GET", "/api/profile"), 401, "token_missing");
  says(await page.fetch("POST", "/auth/refresh", { headers: meant }), 401, "token_missing");
}

const elsewhere = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<!doctype html><body>"));
await new Promise((done) => elsewhere.listen(0, "127.0.0.1", done));
const { port } = elsewhere.address();
const chromium = new Chromium("attacker.example");
try {
  const page = await chromium.open(`${bulla}/`);
  await signIn(page);
  await write(page);
  const me = async () => (await page.fetch("GET", "/auth/me")).body;
  const { id } = await me();
  await registerEve();
  // Another origin of the same site, whose requests have all cookies; and another site, whose forms have none.
  for (const [attacker, refused] of [
    [`http://localhost:${port}/`, "csrf_refused"],
    [`http://attacker.example:${port}/`, "token_missing"],
  ]) {
    await attack(await chromium.open(attacker), refused);
    assert.equal((await me()).id, id, attacker);
  }
  // Who follows a link is signed in.
  const link = await chromium.open(`http://attacker.example:${port}/`);
  await link.lead(() => link.run((url) => void (location.href = url), `${bulla}/auth/me`));
  assert.equal(JSON.parse(await link.run(() => document.body.innerText)).id, id);

  await expire(page);
  await refresh(page, await chromium.open(`${bulla}/`));
  await logOut(page);
} finally {
  await chromium.end();
  elsewhere.close();
}
