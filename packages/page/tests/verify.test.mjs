// Chapter 3: what is verified?

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { chapter, failed, leave, library, told } from "./support/reader.mjs";

const { open } = library();
const TITLE = "What is verified?";

/** What is tried, what the server says of it, which check that is, and what the envelope looks like. */
const FORGERIES = /** @type {const} */ ([
  ["sub: a stranger", "token_signature_invalid", "Signature", "broken"],
  ["roles: admin", "token_signature_invalid", "Signature", "broken"],
  ["exp: much later", "token_signature_invalid", "Signature", "broken"],
  ["alg: none", "token_algorithm_refused", "Algorithm", "foreign"],
  ["alg: HS256", "token_algorithm_refused", "Algorithm", "foreign"],
  ["Another key", "token_signature_invalid", "Signature", "broken"],
  ["A key of my own", "token_key_unknown", "Key", "foreign"],
  ["aud: elsewhere", "token_audience_mismatch", "Audience", "misdirected"],
  ["One flipped bit", "token_signature_invalid", "Signature", "broken"],
  ["X-Bulla-Roles: admin", "token_missing", "Presence"],
]);

test("as it is, it passes every check", async () => {
  const page = await open();
  const verify = await chapter(page, TITLE);
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  assert.deepEqual(await failed(verify), []);
  assert.equal(await verify.checked.locator('[data-outcome="passed"]').count(), 19);
  await leave(page);
});

test("each forgery is refused, and the server names the check that failed", async () => {
  const page = await open();
  const verify = await chapter(page, TITLE);
  for (const [name, code, check, envelope = "broken"] of FORGERIES) {
    await verify.press(name);
    const row = verify.do.getByRole("listitem").filter({ has: page.getByRole("button", { name, exact: true }) }).last();
    await row.getByText(code, { exact: true }).waitFor();
    await told(verify, `401 ${code}`);
    assert.deepEqual(await failed(verify), [check], name);
    assert.ok((await verify.do.locator("ins").innerText()).length > 0);
    assert.equal(await page.locator("#envelope").getAttribute("data-state"), envelope, name);
  }
  assert.equal(await verify.do.locator(".forgeries li").count(), FORGERIES.length);
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  await page.locator('#envelope[data-state="user"]').waitFor();
  await leave(page);
});

test("a token that the server took back is known as such, and replaced when one is needed", async () => {
  const page = await open();
  const verify = await chapter(page, TITLE);
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  await verify.press("One flipped bit");
  await page.locator('#envelope[data-state="broken"]').waitFor();
  await page.evaluate(async () => {
    const { session } = await import(`${location.origin}/assets/page/wire/reader.js`);
    await fetch("/auth/logout", { method: "POST", headers: { Authorization: `Bearer ${session.value.token}` } });
  });
  await verify.press("Send to /contact");
  await told(verify, "401 token_revoked");
  await page.getByRole("banner").getByText("taken back").waitFor();
  await page.locator('#envelope[data-state="revoked"]').waitFor();
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  await page.locator('#envelope[data-state="user"]').waitFor();
  await leave(page);
});

test("what a forger does not get is not sent, and no answer breaks no seal", async () => {
  const page = await open();
  const verify = await chapter(page, TITLE);
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  await page.route("**/demo/elsewhere", (route) => route.fulfill({ status: 429, json: { code: "rate_limited" } }));
  await verify.press("aud: elsewhere");
  await verify.do.getByText("That did not work: /demo/elsewhere: 429 rate_limited.").waitFor();
  await told(verify, "200 OK");
  await page.route("**/contact", (route) => route.abort());
  await verify.press("One flipped bit");
  await told(verify, "no answer");
  assert.equal(await page.locator("#envelope").getAttribute("data-state"), "user");
  await leave(page);
});

test("the toy's hash is computed again at every change", async () => {
  const page = await open();
  const toy = page.getByRole("region", { name: "The seal, by hand" });
  await toy.scrollIntoViewIfNeeded();
  await toy.getByText("The same: the seal is whole.").waitFor();
  await toy.getByLabel("Payload").fill('{"sub":"ada","role":"admin"}');
  await toy.getByText(/^\d+ of 32 bytes differ: refused\.$/).waitFor();
  await toy.getByRole("button", { name: "Seal it anew" }).click();
  await toy.getByText("The same: the seal is whole.").waitFor();
  const text = await toy.locator(".toy-text").innerText();
  assert.equal(Buffer.from(text.split(".")[1] ?? "", "base64url").toString(), '{"sub":"ada","role":"admin"}');
  const expected = createHmac("sha256", "a secret of the issuer").update(text).digest("hex");
  assert.equal((await toy.locator(".cells").last().innerText()).replaceAll(/\s/g, ""), expected);
  await toy.getByLabel("Secret").fill("");
  await toy.getByText(/differ: refused/).waitFor();
  await leave(page);
});
