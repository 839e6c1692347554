// Chapter 4: when does it end?

import assert from "node:assert/strict";
import { test } from "node:test";
import { chapter, leave, library, told } from "./support/reader.mjs";

const { open } = library();
const TITLE = "When does it end?";

/**
 * What was answered to requests for a path, in order.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} path
 */
function answers(page, path) {
  /** @type {Promise<{ status: number, second: number, exp: number, code: string | undefined }>[]} */
  const heard = [];
  page.on("response", (response) => {
    if (new URL(response.url()).pathname !== path) return;
    heard.push(
      (async () => {
        const headers = await response.allHeaders();
        const [, token] = ((await response.request().allHeaders()).authorization ?? "").split(" ");
        const claims = token ? JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) : {};
        const body = await response.json().catch(() => ({}));
        return { status: response.status(), second: Date.parse(headers.date ?? "") / 1000, exp: claims.exp, code: body.code };
      })(),
    );
  });
  return () => Promise.all(heard);
}

test("it counts down by the server's clock, and is refused in the second in which it ends", async () => {
  const page = await open();
  const expire = await chapter(page, TITLE);
  const beats = answers(page, "/api/profile");
  await expire.press("Start the countdown");
  await expire.region.getByRole("timer").getByText(/^[1-9]\.\d$/).waitFor();
  await told(expire, "401 token_expired");
  await expire.region.getByText("it has ended").waitFor();
  const heard = await beats();
  const refused = heard.filter(({ status }) => status === 401);
  assert.equal(refused.length, 1);
  assert.ok(heard.length >= 6, `${heard.length} beats`);
  for (const { status, second, exp } of heard) assert.equal(status, second < exp ? 200 : 401);
  assert.equal(await expire.region.locator(".beats li").last().innerText(), "401");
  await leave(page);
});

test("refreshed silently, it goes on past its end", async () => {
  const page = await open();
  const expire = await chapter(page, TITLE);
  const beats = answers(page, "/api/profile");
  await expire.do.getByLabel("Refresh silently, just before").check();
  await expire.press("Start the countdown");
  await expire.region.locator(".beats li", { hasText: "new" }).nth(1).waitFor();
  await expire.press("Stop");
  const heard = await beats();
  assert.ok(heard.every(({ status }) => status === 200));
  assert.ok((heard.at(-1)?.second ?? 0) >= (heard[0]?.exp ?? Infinity), "the first token had not ended");
  await leave(page);
});

test("an old refresh token that comes again ends the session for both", async () => {
  const page = await open();
  const expire = await chapter(page, TITLE);
  const refreshes = answers(page, "/auth/refresh");
  await expire.press("Copy it");
  await expire.region.getByText("newest, copied").waitFor();
  await expire.press("Owner goes on");
  await expire.region.locator('.generations li[data-copied="true"]').getByText("copied", { exact: true }).waitFor();
  await expire.region.locator(".generations li").nth(2).waitFor();
  await expire.press("Replay the copy");
  await told(expire, "401 token_revoked");
  const codes = (await refreshes()).slice(-2).map(({ code }) => code);
  assert.deepEqual(codes, ["refresh_reused", "session_revoked"]);
  await expire.region.getByText("taken back", { exact: true }).waitFor();
  await leave(page);
});

test("a copy is judged by its own session, whatever was begun meanwhile", async () => {
  const page = await open();
  const expire = await chapter(page, TITLE);
  const refreshes = answers(page, "/auth/refresh");
  await expire.press("Copy it");
  await expire.press("Replay the copy");
  await expire.do.getByText(/^Accepted: its owner has not moved on yet/).waitFor();
  await expire.press("Start the countdown");
  await expire.region.locator(".beats li").first().waitFor();
  await expire.press("Owner goes on");
  await expire.region.locator('.generations li[data-copied="true"]').getByText("copied", { exact: true }).waitFor();
  await expire.press("Replay the copy");
  await expire.region.getByText("None of its tokens is good any more").waitFor();
  assert.deepEqual((await refreshes()).slice(-2).map(({ code }) => code), ["refresh_reused", "session_revoked"]);
  assert.equal(await expire.region.locator('.generations [data-good="true"]').count(), 0);
  await expire.press("Copy it");
  await expire.region.getByText("newest, copied").waitFor();
  await leave(page);
});

test("no answer is no refusal: the countdown goes on", async () => {
  const page = await open();
  const expire = await chapter(page, TITLE);
  await expire.press("Start the countdown");
  await expire.region.locator('.beats [data-kind="accepted"]').first().waitFor();
  await page.route("**/api/profile", (route) => route.abort());
  await expire.region.locator('.beats [data-kind="none"]', { hasText: "–" }).first().waitFor();
  await expire.region.getByText("seconds left").waitFor();
  await page.unroute("**/api/profile");
  await expire.region.locator('.beats [data-kind="none"] ~ [data-kind="accepted"]').first().waitFor();
  await leave(page);
});

test("stopped and started again, there is one countdown", async () => {
  const page = await open();
  const expire = await chapter(page, TITLE);
  const beats = answers(page, "/api/profile");
  await expire.press("Start the countdown");
  await expire.region.locator(".beats li").first().waitFor();
  await expire.press("Stop");
  const before = (await beats()).length;
  await expire.press("Start the countdown");
  await expire.region.locator(".beats li").nth(5).waitFor();
  await expire.press("Stop");
  const after = (await beats()).slice(before);
  assert.equal(after.length, await expire.region.locator(".beats li").count());
  const seconds = (after.at(-1)?.second ?? 0) - (after[0]?.second ?? 0);
  assert.ok(seconds >= after.length - 2, `${after.length} in ${seconds} s`);
  await leave(page);
});

test("logged out, the access token is refused at once", async () => {
  const page = await open();
  const expire = await chapter(page, TITLE);
  const profiles = answers(page, "/api/profile");
  await expire.press("Sign in, and log out");
  await expire.do.getByText(/^Refused \d+ ms after the logout was answered\.$/).waitFor();
  await told(expire, "401 token_revoked");
  const [before, after] = await profiles();
  assert.equal(before?.status, 200);
  assert.equal(after?.code, "token_revoked");
  assert.ok((after?.exp ?? 0) > (after?.second ?? Infinity), "it had ended anyway");
  await leave(page);
});
