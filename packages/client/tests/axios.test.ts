import { Readable } from "node:stream";
import axios from "axios";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attach } from "../src/axios.js";
import { ADA, Bulla, client, disposeAll, offline, URL_OF_BULLA } from "./support/bulla.js";

let bulla: Bulla;

beforeEach(() => {
  bulla = new Bulla();
});
afterEach(disposeAll);

const instanceOf = () => axios.create({ baseURL: URL_OF_BULLA, adapter: "fetch", env: { fetch: bulla.fetch as typeof fetch } });

test("requests carry the token, and a refused one is replaced once", async () => {
  const one = client(bulla);
  const instance = instanceOf();
  attach(instance, one);
  await one.signIn(ADA);
  expect((await instance.get("/api/orders")).status).toBe(200);
  bulla.session();
  expect((await instance.get("/api/orders")).status).toBe(200);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
  bulla.on("GET /api/orders", () => bulla.invalidToken());
  await expect(instance.get("/api/orders")).rejects.toMatchObject({ response: { status: 401 } });
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(2);
});

test("what was sent is sent again with its body", async () => {
  const one = client(bulla);
  const instance = instanceOf();
  attach(instance, one);
  await one.signIn(ADA);
  const bodies: unknown[] = [];
  bulla.on("POST /api/orders", ({ body, headers }) => {
    bodies.push(body);
    return headers.get("Authorization") === "Bearer access-1-1" ? bulla.invalidToken() : bulla.answer(201, {});
  });
  await instance.post("/api/orders", { items: [1] });
  expect(bodies).toEqual([{ items: [1] }, { items: [1] }]);
});

test("other refusals, and those that nothing can be done about, are handed on", async () => {
  const one = client(bulla);
  const instance = instanceOf();
  attach(instance, one);
  await one.signIn(ADA);
  bulla.on("GET /api/orders", () => bulla.problem(403, "role_required"));
  await expect(instance.get("/api/orders")).rejects.toMatchObject({ response: { status: 403 } });
  bulla.on("GET /api/orders", () => bulla.invalidToken());
  bulla.on("POST /auth/refresh", offline);
  await expect(instance.get("/api/orders")).rejects.toMatchObject({ response: { status: 401 } });
  expect(one.session).not.toBeNull();
});

test("a token goes to no other origin", async () => {
  const one = client(bulla);
  const instance = instanceOf();
  attach(instance, one);
  await one.signIn(ADA);
  await instance.get("https://evil.example/api/orders").catch(() => {});
  expect(bulla.asked.at(-1)?.headers.has("Authorization")).toBe(false);
});

test("in cookie mode what changes something means it", async () => {
  const one = client(bulla, { mode: "cookie" });
  const instance = instanceOf();
  attach(instance, one);
  bulla.on("POST /api/orders", () => bulla.answer(201, {}));
  await instance.post("/api/orders", {});
  expect(bulla.asked[0]?.headers.get("X-Bulla-CSRF")).toBe("1");
});

test("detached, the instance is as it was", async () => {
  const one = client(bulla);
  const instance = instanceOf();
  const detach = attach(instance, one);
  await one.signIn(ADA);
  detach();
  await expect(instance.get("/api/orders")).rejects.toMatchObject({ response: { status: 401 } });
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});

for (const mode of ["token", "cookie"] as const) {
  test(`${mode}: what one user asked is not sent again as another`, async () => {
    const one = client(bulla, { mode });
    const instance = instanceOf();
    attach(instance, one);
    const release = bulla.hold("POST /api/pay", () => bulla.invalidToken());
    await one.signIn(ADA);
    const paid = expect(instance.post("/api/pay", {})).rejects.toMatchObject({ response: { status: 401 } });
    await vi.waitUntil(() => bulla.calls("POST /api/pay").length);
    await one.signOut();
    await one.signIn({ ...ADA, email: "grace@example.com" });
    release();
    await paid;
    expect(bulla.calls("POST /api/pay")).toHaveLength(1);
  });

  test(`${mode}: refusals that come one after the other make one refresh`, async () => {
    const one = client(bulla, { mode });
    const instance = instanceOf();
    attach(instance, one);
    await one.signIn(ADA);
    const releases = Array.from({ length: 5 }, (_, index) => bulla.hold(`GET /api/${index}`, () => bulla.invalidToken()));
    const asked = releases.map((_, index) => instance.get(`/api/${index}`));
    await vi.waitUntil(() => bulla.asked.length === 6);
    for (const [index, release] of releases.entries()) {
      bulla.on(`GET /api/${index}`, () => bulla.answer(200, []));
      release();
      expect((await asked[index])?.status).toBe(200);
    }
    expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
  });
}

test("a stream is sent once, and the refusal is the answer", async () => {
  const one = client(bulla);
  const instance = instanceOf();
  attach(instance, one);
  await one.signIn(ADA);
  bulla.on("POST /api/orders", () => bulla.invalidToken());
  for (const stream of [new Response("{}").body, Readable.from(["{}"])]) {
    await expect(instance.post("/api/orders", stream)).rejects.toMatchObject({ response: { status: 401 } });
  }
  expect(bulla.calls("POST /api/orders")).toHaveLength(2);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(0);
});
