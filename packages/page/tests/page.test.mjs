// The page as a whole: what it is without JavaScript, what it weighs, how it is used without a mouse, and how it looks.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { audit } from "./support/audit.mjs";
import { chapter, leave, library, told } from "./support/reader.mjs";

const { open } = library();
const SCREENSHOTS = fileURLToPath(new URL("../screenshots/", import.meta.url));
const ASSETS = fileURLToPath(new URL("../../../crates/bulla-server/web/assets/", import.meta.url));
const TITLES = ["How do you get a token?", "What is in a token?", "What is verified?", "When does it end?"];
/** Of all scripts together, the labs' too, each compressed by itself as it is sent. */
const MOST_SCRIPT = 72_000;

/** What the questions are answered with, and a wrong one before. */
const ANSWERS = [
  [["The contact service, which then refused it"], ["Nobody: the gateway turned it back"]],
  [["Nothing: it is encrypted"], ["Read all of it, and act as her until it ends"]],
  [["It was tampered with"], ["It was correctly rejected"]],
  [["expired", "expired", "expired"], ["expired", "tampered with", "correctly rejected"]],
];

test("without JavaScript all chapters, their questions and their answers are there", async () => {
  const page = await open({ javaScriptEnabled: false });
  for (const title of TITLES) {
    const region = page.getByRole("region", { name: title });
    await region.getByRole("heading", { name: title }).waitFor();
    assert.ok((await region.innerText()).length > 600, title);
    await region.locator("pre").first().waitFor();
    await region.locator("summary").last().click();
    assert.ok(await region.locator("details p").isVisible());
  }
  await page.getByText("Glossary: every claim").click();
  await page.getByText("Audience: which API it is meant for.").waitFor();
  await leave(page);
});

test("each question is judged", async () => {
  const page = await open();
  for (const [index, title] of TITLES.entries()) {
    const region = page.getByRole("region", { name: title });
    const [wrong, right] = /** @type {[string[], string[]]} */ (ANSWERS[index]);
    const choose = async (/** @type {string[]} */ answers) => {
      const fieldsets = region.locator("fieldset");
      for (const [row, answer] of answers.entries()) await fieldsets.nth(row).getByLabel(answer, { exact: true }).check();
      await region.getByRole("button", { name: "Check", exact: true }).click();
    };
    await region.getByRole("button", { name: "Check", exact: true }).click();
    await region.getByText(/^Choose one/).waitFor();
    await choose(wrong);
    await region.locator('.told[data-right="false"]').waitFor();
    assert.ok(await region.getByText("The answer").isHidden());
    await choose(right);
    await region.getByText("Right.", { exact: true }).waitFor();
    assert.ok(await region.locator("details p").isVisible());
  }
  await leave(page);
});

test("all scripts together are small", () => {
  const names = readdirSync(ASSETS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const bytes = names.reduce((sum, name) => sum + gzipSync(readFileSync(join(ASSETS, name))).length, 0);
  console.log(`${names.length} scripts, ${bytes} bytes compressed`);
  assert.ok(names.length > 40 && bytes <= MOST_SCRIPT, `${bytes} bytes in ${names.length} files`);
});

test("what chapter 1 needs is asked for at once", () => {
  const page = readFileSync(join(ASSETS, "../index.html"), "utf8");
  const preloaded = [...page.matchAll(/<link rel="modulepreload" href="\/assets\/([^"]+)">/g)].map(([, name]) => name);
  /** @type {Set<string>} */
  const needed = new Set();
  const need = (/** @type {string} */ name) => {
    if (needed.has(name)) return;
    needed.add(name);
    const imports = readFileSync(join(ASSETS, name), "utf8").matchAll(/^import [^;]*?from "([^"]+)"/gms);
    for (const [, from = ""] of imports) need(join(name, "..", from));
  };
  need("page/main.js");
  need("page/chapters/get.js");
  needed.delete("page/main.js");
  assert.deepEqual(preloaded.sort(), [...needed].sort());
});

test("it can be used with the keyboard alone", async () => {
  const page = await open();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the first chapter" });
  assert.ok(await skip.evaluate((element) => element === document.activeElement));
  await page.keyboard.press("Enter");
  const get = await chapter(page, TITLES[0] ?? "");
  const send = get.do.getByRole("button", { name: "Send without a token" });
  for (let press = 0; press < 10 && !(await send.evaluate((element) => element === document.activeElement)); press += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await told(get, "401 token_missing");
  await page.keyboard.press("Tab");
  await leave(page);
});

test("on a phone, nothing covers what has the focus", async () => {
  const page = await open({ viewport: { width: 390, height: 844 } });
  const get = await chapter(page, TITLES[0] ?? "");
  await get.press("Sign up");
  await told(get, "201 Created");
  await get.do.getByLabel("Message").focus();
  const names = [];
  for (let press = 0; press < 40; press += 1) {
    await page.keyboard.press("Tab");
    const [name, covered] = await page.evaluate(() => {
      const element = /** @type {HTMLElement} */ (document.activeElement);
      const { left, top, width, height } = element.getBoundingClientRect();
      const there = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, innerHeight / 3));
      const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
      return /** @type {const} */ ([name, !(element.contains(there) || there?.contains(element)) && String(there?.className)]);
    });
    assert.equal(covered, false, name);
    names.push(name);
  }
  assert.ok(names.includes("Sign in") && new Set(names).size > 15, names.join());
  await leave(page);
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [390, 1280]) {
    test(`nothing is in the way of anybody: ${colorScheme}, ${width} pixels`, async () => {
      mkdirSync(SCREENSHOTS, { recursive: true });
      const page = await open({ colorScheme, viewport: { width, height: width < 500 ? 844 : 900 } });
      const shoot = (/** @type {string} */ state) => page.screenshot({ path: `${SCREENSHOTS}${colorScheme}-${width}-${state}.png`, fullPage: true });
      const chapters = [];
      for (const title of TITLES) chapters.push(await chapter(page, title));
      await page.evaluate(() => document.fonts.ready.then(() => {}));
      await audit(page);
      await shoot("begin");
      await play(/** @type {import("./support/reader.mjs").Chapter[]} */ (chapters));
      await audit(page);
      await shoot("played");
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.equal(overflow, 0, "it scrolls sideways");
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0, "something moves");
      await leave(page);
    });
  }
}

/** @param {import("./support/reader.mjs").Chapter[]} chapters */
async function play(chapters) {
  const [get, anatomy, verify, expire] = /** @type {[any, any, any, any]} */ (chapters);
  await get.press("Send without a token");
  await told(get, "401 token_missing");
  await get.press("Sign up");
  await told(get, "201 Created");
  for (const part of ["header", "payload", "signature"]) await anatomy.press(`Unmask the ${part}`);
  await anatomy.press("Check it here");
  await anatomy.checked.getByText("In your browser").waitFor();
  await verify.press("roles: admin");
  await told(verify, "401 token_signature_invalid");
  await expire.press("Sign in, and log out");
  await told(expire, "401 token_revoked");
  await get.region.getByLabel("Nobody: the gateway turned it back").check();
  await get.press("Check");
  await get.region.getByText("Right.", { exact: true }).waitFor();
}
