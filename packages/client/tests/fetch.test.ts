import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ADA, Bulla, client, disposeAll, offline, URL_OF_BULLA } from "./support/bulla.js";

let bulla: Bulla;
const orders = `${URL_OF_BULLA}/api/orders`;

beforeEach(() => {
  vi.useFakeTimers();
  bulla = new Bulla();
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

test("a request carries the token", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  expect((await one.fetch("/api/orders")).status).toBe(200);
  expect((await one.fetch(new URL(orders))).status).toBe(200);
  expect((await one.fetch(new Request(orders))).status).toBe(200);
});

test("without anybody signed in a request goes without a token", async () => {
  const one = client(bulla);
  expect((await one.fetch("/api/orders")).status).toBe(401);
  expect(bulla.asked).toHaveLength(1);
  expect(bulla.asked[0]?.headers.has("Authorization")).toBe(false);
});

test("a token goes to no other origin, unless it is listed", async () => {
  const one = client(bulla, { origins: ["https://other.example"] });
  await one.signIn(ADA);
  for (const url of ["https://evil.example/api/orders", `http://api.example/api/orders`, "https://api.example.evil/api/orders"]) {
    await one.fetch(url);
    expect(bulla.asked.at(-1)?.headers.has("Authorization")).toBe(false);
  }
  await one.fetch("https://other.example/api/orders");
  expect(bulla.asked.at(-1)?.headers.get("Authorization")).toBe(`Bearer ${bulla.token}`);
});

test("a path that would lead to another host does not take the token there", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  await expect(one.fetch("//evil.example/api/orders")).rejects.toThrow(TypeError);
});

test("a token that was refused as invalid is replaced, and the request sent again with its body", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const bodies: unknown[] = [];
  bulla.on("POST /api/orders", ({ body, headers }) => {
    bodies.push(body);
    return headers.get("Authorization") === "Bearer access-1-2" ? bulla.answer(201) : bulla.invalidToken();
  });
  const answer = await one.fetch("/api/orders", { method: "POST", body: '{"items":[1]}' });
  expect(answer.status).toBe(201);
  expect(bodies).toEqual([{ items: [1] }, { items: [1] }]);
});

test("it is replaced once", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("GET /api/orders", () => bulla.invalidToken());
  expect((await one.fetch("/api/orders")).status).toBe(401);
  expect(bulla.calls("GET /api/orders")).toHaveLength(2);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
});

test("many requests with a refused token make one refresh", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("GET /api/orders", ({ headers }) =>
    headers.get("Authorization") === "Bearer access-1-1" ? bulla.invalidToken() : bulla.answer(200, []),
  );
  const answers = await Promise.all(Array.from({ length: 20 }, () => one.fetch("/api/orders")));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
});

test.each([
  [401, undefined],
  [401, "Bearer"],
  [401, 'Basic realm="invalid_token"'],
  [403, 'Bearer error="insufficient_scope"'],
  [403, 'Bearer error="invalid_token"'],
])("a refusal for anything else is handed on as it is: %i %s", async (status, challenge) => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("GET /api/orders", () => bulla.problem(status, "x", challenge ? { "WWW-Authenticate": challenge } : {}));
  expect((await one.fetch("/api/orders")).status).toBe(status);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});

test("where the token cannot be replaced, the refusal is the answer", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("GET /api/orders", () => bulla.invalidToken());
  bulla.on("POST /auth/refresh", offline);
  expect((await one.fetch("/api/orders")).status).toBe(401);
  expect(one.session).not.toBeNull();
});

test("in cookie mode requests carry cookies, and those that change something mean it", async () => {
  const one = client(bulla, { mode: "cookie" });
  await one.signIn(ADA);
  expect(bulla.asked[0]?.headers.get("X-Bulla-Mode")).toBe("cookie");
  bulla.on("GET /api/orders", () => bulla.answer(200));
  await one.fetch("/api/orders");
  await one.fetch("/api/orders", { method: "POST" });
  const [login, read, change] = bulla.asked;
  expect([login?.credentials, read?.credentials, change?.credentials]).toEqual(["include", "include", "include"]);
  expect([login, read, change].map((asked) => asked?.headers.get("X-Bulla-CSRF"))).toEqual(["1", null, "1"]);
  expect(change?.headers.has("Authorization")).toBe(false);
});

test("in cookie mode an expired token is refreshed by cookie", async () => {
  const one = client(bulla, { mode: "cookie" });
  await one.signIn(ADA);
  let good = false;
  bulla.on("GET /api/orders", () => (good ? bulla.answer(200) : bulla.invalidToken()));
  const refresh = bulla.handlers.get("POST /auth/refresh");
  bulla.on("POST /auth/refresh", (asked) => {
    good = true;
    return refresh!(asked);
  });
  expect((await one.fetch("/api/orders")).status).toBe(200);
  const asked = bulla.calls("POST /auth/refresh")[0];
  expect(asked?.body).toEqual({});
  expect(asked?.credentials).toBe("include");
});

test("the global fetch stays as it is", async () => {
  const before = globalThis.fetch;
  const one = client(bulla);
  await one.signIn(ADA);
  expect(globalThis.fetch).toBe(before);
});

test("a fetch that is given is called as a browser's wants it, and not as somebody's method", async () => {
  const one = client(bulla, {
    fetch: async function (this: unknown, ...request) {
      expect(this).toBeUndefined();
      return bulla.fetch(...request);
    },
  });
  await one.signIn(ADA);
  expect((await one.fetch("/api/orders")).status).toBe(200);
});

for (const mode of ["token", "cookie"] as const) {
  test(`${mode}: what one user asked is not sent again as another`, async () => {
    const one = client(bulla, { mode });
    const release = bulla.hold("POST /api/pay", () => bulla.invalidToken());
    await one.signIn(ADA);
    const paid = one.fetch("/api/pay", { method: "POST", body: '{"amount":100}' });
    await vi.advanceTimersByTimeAsync(0);
    await one.signOut();
    await one.signIn({ ...ADA, email: "grace@example.com" });
    release();
    expect((await paid).status).toBe(401);
    expect(bulla.calls("POST /api/pay")).toHaveLength(1);
    expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
  });
}

test("a token that one user waits for is not another's", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  vi.setSystemTime(Date.now() + 890_000);
  const release = bulla.hold("POST /auth/refresh");
  const asked = expect(one.getToken()).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(0);
  await one.signIn({ ...ADA, email: "grace@example.com" });
  release();
  await asked;
});

test("who does not want the answer any more does not wait for the token", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  vi.setSystemTime(Date.now() + 900_000);
  bulla.hold("POST /auth/refresh");
  const stop = new AbortController();
  const reason = new Error("unmounted");
  const asked = expect(one.fetch("/api/orders", { signal: stop.signal })).rejects.toBe(reason);
  await vi.advanceTimersByTimeAsync(0);
  stop.abort(reason);
  await asked;
  expect(bulla.calls("GET /api/orders")).toHaveLength(0);
});

test("an error says what was thrown in the place of an answer", async () => {
  const cause = new TypeError("Content Security Policy");
  const one = client(bulla, { fetch: () => Promise.reject(cause) });
  await expect(one.signIn(ADA)).rejects.toMatchObject({ code: "network_failed", cause });
});

test("a stream is sent once, and the refusal is the answer", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("POST /api/orders", () => bulla.invalidToken());
  const body = new Response('{"items":[1]}').body!;
  expect((await one.fetch("/api/orders", { method: "POST", body, duplex: "half" } as RequestInit)).status).toBe(401);
  expect(bulla.calls("POST /api/orders").map(({ body }) => body)).toEqual([{ items: [1] }]);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});

test.each(["", "/bulla"])("a client can be made where there is no page yet, as on a server that renders: %j", async (url) => {
  const one = client(bulla, { url });
  expect(one.session).toBeNull();
  await expect(one.signIn(ADA)).rejects.toMatchObject({ code: "network_failed" });
});
