// React in a real browser, with what was built.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";
import type { Client } from "../src/index.js";
import { chromiumForTests } from "./support/chromium.js";

declare const window: { bulla: Client; live: number; all: number; complaints: string[]; root: { unmount: () => void } };

/** Takes over what a server rendered for Grace. Whoever signs in is Ada. */
const PROGRAM = `
import { createElement, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { createClient } from "./dist/index.js";
import { useSession } from "./dist/react.js";

const answer = { access_token: "a", refresh_token: "r", expires_in: 900, session: { id: "s" }, user: { id: "u", name: "Ada" } };
const bulla = createClient({ url: "https://api.example", mode: "token", fetch: async () => Response.json(answer) });
const subscribe = bulla.subscribe.bind(bulla);
bulla.subscribe = (listener) => {
  const stop = subscribe(listener);
  window.live += 1;
  window.all += 1;
  return () => {
    window.live -= 1;
    stop();
  };
};
const Name = () => createElement("b", null, useSession(bulla, { user: { name: "Grace" } })?.user.name ?? "nobody");
const complain = (error) => window.complaints.push(String(error));
Object.assign(window, { bulla, live: 0, all: 0, complaints: [] });
const page = createElement(StrictMode, null, createElement(Name));
window.root = hydrateRoot(document.getElementById("root"), page, { onRecoverableError: complain });
`;

const profile = chromiumForTests();

test("what a server rendered is taken over, and mounted twice, as StrictMode does, a component subscribes once", async () => {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true,
    format: "iife",
    define: { "process.env.NODE_ENV": '"development"' },
    external: ["./proof.js"],
    write: false,
  });
  const { open } = await profile();
  const page = await open("about:blank");
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  await page.setContent('<div id="root"><b>Grace</b></div>');
  await page.addScriptTag({ content: outputFiles[0]!.text });
  await page.getByText("nobody", { exact: true }).waitFor();
  const counted = () => page.evaluate(() => ({ all: window.all, live: window.live, complaints: window.complaints }));
  expect(await counted()).toEqual({ all: 2, live: 1, complaints: [] });
  await page.evaluate(async () => void (await window.bulla.signIn({ username: "ada", password: "x" })));
  await page.getByText("Ada", { exact: true }).waitFor();
  await page.evaluate(() => window.bulla.signOut());
  await page.getByText("nobody", { exact: true }).waitFor();
  await page.evaluate(() => window.root.unmount());
  expect(await counted()).toEqual({ all: 2, live: 0, complaints: [] });
  expect(complaints.filter((text) => !text.includes("React DevTools"))).toEqual([]);
});
