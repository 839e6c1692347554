// A runtime at the edge: what the web has, and nothing of a page or of Node.js.

import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { createClient } from "../src/index.js";
import type { createServerClient } from "../src/server.js";
import type { sessions } from "../src/account.js";
import { ADA, Bulla, URL_OF_BULLA } from "./support/bulla.js";

const root = fileURLToPath(new URL("..", import.meta.url));
/** As far as browsers of 2022 have it. */
const OldSignal = { timeout: (milliseconds: number) => AbortSignal.timeout(milliseconds) };
const WEB = { AbortController, AbortSignal: OldSignal, Headers, ReadableStream, Request, Response, TextDecoder, TextEncoder, URL, atob, btoa, clearTimeout, console, queueMicrotask };

interface Entries {
  readonly createClient: typeof createClient;
  readonly createServerClient: typeof createServerClient;
  readonly sessions: typeof sessions;
}

/** What was built, in a world of its own with these globals. */
async function loaded(globals: object): Promise<Entries> {
  const { outputFiles } = await build({
    stdin: {
      contents: ["index", "account", "server"].map((name) => `export * from "./dist/${name}.js";`).join("\n"),
      resolveDir: root,
    },
    bundle: true,
    platform: "neutral",
    format: "iife",
    globalName: "bulla",
    logOverride: { "empty-import-meta": "silent" },
    write: false,
  });
  const context = createContext({ ...globals });
  runInContext(outputFiles[0]!.text, context);
  expect(runInContext("[typeof window, typeof document, typeof process, typeof Buffer, typeof require, typeof location]", context)).toEqual(
    Array.from({ length: 6 }, () => "undefined"),
  );
  return runInContext("bulla", context) as Entries;
}

test("the client works where there is nothing but the web", async () => {
  const bulla = new Bulla();
  // Timers are numbers there.
  const setTimeout = (work: () => void, delay?: number) => Number(globalThis.setTimeout(work, delay).unref());
  const { createClient, createServerClient, sessions } = await loaded({ ...WEB, setTimeout, fetch: bulla.fetch });
  const one = createClient({ url: URL_OF_BULLA, mode: "token" });
  expect((await one.signIn(ADA)).user.name).toBe("Ada");
  expect(await one.getToken()).toBe(bulla.token);
  expect(one.decode("e30.eyJzdWIiOiJhIn0.x").payload.sub).toBe("a");
  bulla.session();
  expect((await one.fetch("/api/orders")).status).toBe(200);
  expect(bulla.calls("POST /auth/refresh")).toHaveLength(1);
  bulla.on("GET /auth/sessions", () => bulla.answer(200, { sessions: [] }));
  expect(await sessions(one)).toHaveLength(0);
  await one.signOut();
  expect((await one.signInAnonymously()).anonymous).toBe(true);
  await expect(one.signIn({ username: "ada", password: "x" })).resolves.toMatchObject({ anonymous: false });
  one.dispose();
  bulla.on("GET /auth/me", () => bulla.answer(200, { id: "usr_1" }));
  const request = { headers: new Headers({ Cookie: "__Host-bulla_access=a" }) };
  expect(await createServerClient({ url: URL_OF_BULLA, request }).user()).toMatchObject({ id: "usr_1" });
});

test("what it lacks is missed", async () => {
  const { createClient } = await loaded({ ...WEB, setTimeout });
  await expect(createClient({ url: URL_OF_BULLA, mode: "token" }).signIn(ADA)).rejects.toMatchObject({ code: "network_failed" });
});
