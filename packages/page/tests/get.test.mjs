// Chapter 1: how do you get a token?

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { chapter, failed, leave, library, told } from "./support/reader.mjs";

const { open } = library();
const TITLE = "How do you get a token?";

test("without a token the gateway turns back, and the exchange can be repeated in a terminal", async () => {
  const page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
  const get = await chapter(page, TITLE);
  await get.do.getByLabel("Message").fill("It's me; \"you\" know.");
  await get.press("Send without a token");
  await told(get, "401 token_missing");
  assert.deepEqual(await failed(get), ["Presence"]);
  assert.equal(await get.checked.getByText("The request was turned back at the gateway.").count(), 1);
  assert.match(await get.wire.innerText(), /POST \/contact[\s\S]*HTTP\/1\.1 401 Unauthorized[\s\S]*www-authenticate: Bearer/);

  await get.wire.getByRole("button", { name: "Copy as curl" }).click();
  await get.wire.getByText("Copied").waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const answer = execFileSync("bash", ["-c", command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  assert.match(answer, /^HTTP\/1\.1 401 [\s\S]*"code":"token_missing"/);
  await leave(page);
});

test("without a worker, the puzzles are solved in the page", async () => {
  const page = await open();
  await page.context().route("**/handshake-worker.js", (route) => route.fulfill({ status: 200, contentType: "text/plain", body: "" }));
  const get = await chapter(page, TITLE);
  await get.press("Get an anonymous token");
  await page.getByRole("banner").getByText("Anonymous").waitFor();
  await get.do.getByRole("progressbar").waitFor({ state: "detached" });
  await page.context().close();
});

test("a visitor shakes hands, sends a message, signs up and in, and sees all of it", async () => {
  const page = await open();
  const holding = page.getByRole("banner");
  await holding.getByText("No token yet").waitFor();
  const get = await chapter(page, TITLE);
  await get.press("Get an anonymous token");
  await holding.getByText("Anonymous").waitFor();
  await get.wire.getByRole("button", { name: "Request 2: POST /auth/anonymous, answered 200" }).waitFor();
  assert.match(await get.wire.innerText(), /"nonces": \[/);
  await get.wire.getByRole("button", { name: "Request 1: GET /auth/challenge, answered 200" }).click();
  await get.wire.getByText('"puzzles": 16').waitFor();

  await get.press("Send with the token");
  await told(get, "200 OK");
  assert.equal(await get.checked.getByText("The request reached the service.").count(), 1);
  assert.deepEqual(await failed(get), []);

  await get.press("Sign up");
  await told(get, "201 Created");
  await holding.getByText("Signed in").waitFor();
  await get.press("Sign up");
  await told(get, "409 email_taken");
  assert.deepEqual(await failed(get), ["Name"]);
  await get.press("Sign in");
  await told(get, "200 OK");
  await get.do.getByLabel("Password").fill("not the right one");
  await get.press("Sign in");
  await told(get, "401 credentials_invalid");
  assert.deepEqual(await failed(get), ["Password"]);
  await leave(page);
});
