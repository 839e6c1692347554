// Links into the page, and what is loaded on the way to where they lead.

import assert from "node:assert/strict";
import { test } from "node:test";
import { leave, library } from "./support/reader.mjs";

const { open } = library();

/** Where it is after the page has come to rest: at the top, below what sticks there; or as far up as the page goes. */
const atTop = (/** @type {string} */ id) => {
  const { top } = /** @type {HTMLElement} */ (document.getElementById(id)).getBoundingClientRect();
  const padding = Number.parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop);
  const isEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
  return Math.abs(top - padding) < 2 || (isEnd && top > 0 && top < innerHeight);
};

test("every link into the page leads to what it names", async () => {
  const page = await open();
  const ids = await page.locator('a[href^="#"]').evaluateAll((links) => [...new Set(links.map((link) => (link.getAttribute("href") ?? "").slice(1)))]);
  const start = page.url();
  for (const id of ids.filter((id) => id !== "top")) {
    await page.goto("about:blank");
    await page.goto(`${start}#${id}`);
    await page.waitForLoadState("networkidle");
    await page.waitForFunction(atTop, id);
  }
  assert.ok(ids.length > 12);
  await leave(page);
});

for (const [name, id] of /** @type {const} */ ([["What is running", "running"], ["Labs", "labs"], ["End", "expire"]])) {
  test(`“${name}” is arrived at, however much is loaded on the way`, async () => {
    const page = await open({ reducedMotion: "no-preference" });
    await page.getByRole("link", { name, exact: true }).click();
    await page.waitForFunction(atTop, id);
    await page.waitForLoadState("networkidle");
    await page.waitForFunction(atTop, id);
    await leave(page);
  });
}

test("what did not load is tried again", async () => {
  const page = await open();
  await page.waitForLoadState("networkidle");
  await page.route("**/chapters/verify.js", (route) => route.abort());
  const region = page.getByRole("region", { name: "What is verified?" });
  await region.scrollIntoViewIfNeeded();
  await region.locator('[data-failed="true"]').waitFor();
  await page.unroute("**/chapters/verify.js");
  await region.getByRole("button", { name: "Send to /contact" }).waitFor();
  await page.context().close();
});
