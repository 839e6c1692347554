// Somebody who reads the page in Debian's Chromium. Whatever the page says on its console, and what it asks of others, is a failure.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContextOptions} Options */

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"];
/** What a browser says of itself, whatever the page does, when it is refused something that the reader asked for, or not answered. */
const REFUSED = /^Failed to load resource: (the server responded with a status of [45]\d\d|net::ERR_)/;
/** A condition that is not met by then never is. */
const PATIENCE = 20_000;

/**
 * Starts a server and a browser before the file's tests, and ends them after.
 *
 * @param {Record<string, string>} [environment] of the server
 * @returns {{ open: (options?: Options) => Promise<Page> }}
 */
export function library(environment) {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    server = await serve(environment);
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  });
  after(async () => {
    await browser?.close();
    await server?.end();
  });
  return {
    open: async (options = {}) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      watch(page, server.url);
      await page.goto(server.url);
      return page;
    },
  };
}

/** @type {WeakMap<Page, string[]>} */
const complaints = new WeakMap();

/**
 * @param {Page} page
 * @param {string} origin
 */
function watch(page, origin) {
  /** @type {string[]} */
  const heard = [];
  complaints.set(page, heard);
  page.on("console", (message) => {
    const asked = new URL(message.location().url || origin).pathname;
    const isAsset = asked === "/" || asked.startsWith("/assets/");
    if (isAsset || !REFUSED.test(message.text())) heard.push(`console: ${message.text()} (${asked})`);
  });
  page.on("pageerror", (error) => heard.push(`error: ${error.stack}`));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(origin).origin) heard.push(`asked elsewhere: ${request.url()}`);
  });
}

/**
 * Ends a visit; nothing may have gone wrong in it.
 *
 * @param {Page} page
 */
export async function leave(page) {
  await page.context().close();
  assert.deepEqual(complaints.get(page), []);
}

/**
 * A chapter, once its panes are there.
 *
 * @param {Page} page
 * @param {string} title
 */
export async function chapter(page, title) {
  const found = page.getByRole("region", { name: title });
  await found.scrollIntoViewIfNeeded();
  await found.getByRole("group", { name: "Do it", exact: true }).waitFor();
  return {
    region: found,
    do: found.getByRole("group", { name: "Do it", exact: true }),
    wire: found.getByRole("group", { name: "The HTTP exchange", exact: true }),
    checked: found.getByRole("group", { name: "What the server checked", exact: true }),
    verdict: found.locator(".verdict"),
    press: (/** @type {string} */ name) => found.getByRole("button", { name, exact: true }).click(),
  };
}

/** @typedef {Awaited<ReturnType<typeof chapter>>} Chapter */

/**
 * A lab, once there is something to do in it.
 *
 * @param {Page} page
 * @param {string} title
 */
export async function lab(page, title) {
  const region = page.getByRole("article", { name: title });
  await region.scrollIntoViewIfNeeded();
  const pane = (/** @type {string} */ name) => region.getByRole("group", { name, exact: true });
  await pane("Do it").waitFor();
  return {
    region,
    do: pane("Do it"),
    wire: pane("The HTTP exchange"),
    checked: pane("What the server checked"),
    verdict: region.locator(".verdict"),
    press: (/** @type {string} */ name) => region.getByRole("button", { name, exact: true }).click(),
    /** What a row of its table says, cell by cell. */
    row: (/** @type {RegExp} */ name) => region.getByRole("row", { name }).getByRole("cell").allInnerTexts(),
  };
}

/** @typedef {Awaited<ReturnType<typeof lab>>} Lab */

/**
 * Waits for the answer that the chapter or lab tells.
 *
 * @param {Pick<Chapter, "verdict">} chapter
 * @param {string} said
 */
export async function told(chapter, said) {
  await chapter.verdict.getByText(said, { exact: true }).waitFor();
}

/**
 * The one check that failed, as it is read out.
 *
 * @param {Pick<Chapter, "checked">} chapter
 */
export async function failed(chapter) {
  return chapter.checked.locator('[data-outcome="failed"] b').allInnerTexts();
}
