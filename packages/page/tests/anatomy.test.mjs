// Chapter 2: what is in a token?

import assert from "node:assert/strict";
import { test } from "node:test";
import { chapter, leave, library, told } from "./support/reader.mjs";

const { open } = library();
const TITLE = "What is in a token?";
/** The example of RFC 7519, section 3.1. */
const FOREIGN =
  "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

test("each part is masked until it is lifted, and says the same as JSON, base64url and bytes", async () => {
  const page = await open();
  const anatomy = await chapter(page, TITLE);
  await anatomy.region.getByText("Nothing yet").first().waitFor();
  await anatomy.press("Get an anonymous token");
  for (const name of ["Header", "Payload"]) {
    const part = anatomy.region.getByRole("group", { name, exact: true });
    await anatomy.press(`Unmask the ${name.toLowerCase()}`);
    const claims = await part.locator(".claims > div").evaluateAll((rows) =>
      rows.map((row) => [row.querySelector("dt")?.textContent, row.querySelector("code")?.textContent, row.querySelector("p")?.textContent]),
    );
    await part.getByRole("button", { name: "base64url" }).click();
    const text = await part.locator(".raw").innerText();
    await part.getByRole("button", { name: "bytes" }).click();
    const bytes = Buffer.from((await part.locator(".raw").innerText()).replaceAll(/\s/g, ""), "hex");
    assert.equal(bytes.toString("base64url"), text);
    const json = JSON.parse(bytes.toString());
    assert.deepEqual(claims.map(([name, value]) => [name, JSON.parse(value ?? "")]), Object.entries(json));
    assert.ok(claims.every(([, , meaning]) => meaning && !meaning.startsWith("The issuer’s own")), JSON.stringify(claims));
    await anatomy.press(`Mask the ${name.toLowerCase()}`);
    await anatomy.region.getByRole("button", { name: `Unmask the ${name.toLowerCase()}` }).waitFor();
  }
  await anatomy.press("Unmask the signature");
  await anatomy.region.getByText(/^64 bytes\./).waitFor();
  await leave(page);
});

test("the seal is checked with the public key, in the browser", async () => {
  const page = await open();
  const anatomy = await chapter(page, TITLE);
  await anatomy.press("Get an anonymous token");
  await anatomy.press("Check it here");
  await anatomy.checked.getByText("In your browser").waitFor();
  const outcomes = () => anatomy.checked.locator("h4:text('In your browser') + ol li").evaluateAll((items) => items.map((item) => item.getAttribute("data-outcome")));
  assert.deepEqual(await outcomes(), ["passed", "passed", "passed"]);

  await anatomy.press("Unmask the payload");
  const token = await page.evaluate(async () => (await import(`${location.origin}/assets/page/wire/reader.js`)).session.value.token);
  const [header, payload, signature] = token.split(".");
  const altered = Buffer.from(payload, "base64url").toString().replace('"anonymous"', '"unlimited"');
  await anatomy.do.getByLabel("Paste any token").fill([header, Buffer.from(altered).toString("base64url"), signature].join("."));
  await anatomy.region.getByText('"unlimited"').waitFor();
  await anatomy.press("Check it here");
  await anatomy.checked.locator('[data-outcome="failed"]').waitFor();
  assert.deepEqual(await outcomes(), ["passed", "passed", "failed"]);
  await leave(page);
});

test("without the keys nothing is said of the seal", async () => {
  const page = await open();
  const anatomy = await chapter(page, TITLE);
  await anatomy.press("Get an anonymous token");
  for (const answer of [{ status: 503, json: { code: "store_unavailable" } }, null]) {
    await page.route("**/jwks.json", (route) => (answer ? route.fulfill(answer) : route.abort()));
    await anatomy.press("Check it here");
    await told(anatomy, answer ? "503 store_unavailable" : "no answer");
    assert.equal(await anatomy.checked.getByText("In your browser").count(), 0);
    await page.unroute("**/jwks.json");
  }
  await anatomy.press("Check it here");
  await anatomy.checked.getByText("In your browser").waitFor();
  await leave(page);
});

test("what is pasted is shown as what it is", async () => {
  const page = await open();
  const anatomy = await chapter(page, TITLE);
  const paste = (/** @type {string} */ text) => anatomy.do.getByLabel("Paste any token").fill(text);
  const part = (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  await paste([part({ alg: "none" }), part({ iat: null, exp: "1700000000", nbf: 1700000000 }), "AA"].join("."));
  await anatomy.press("Unmask the payload");
  const payload = anatomy.region.getByRole("group", { name: "Payload", exact: true });
  const claims = () => payload.locator(".claims > div").evaluateAll((rows) => rows.map((row) => row.querySelector("dd > span") !== null && row.querySelector("dd > span")?.textContent !== ""));
  assert.deepEqual(await claims(), [false, false, true]);
  await paste([part({ alg: "none" }), part(["no", "claims"]), "AA"].join("."));
  await payload.getByText("These bytes are no JSON object.").waitFor();
  await paste([part({ alg: "ECDH-ES" }), "AA", "AA", "AA", "AA"].join("."));
  await anatomy.region.getByText("This one is encrypted: five parts.").waitFor();
  assert.equal(await payload.count(), 0);
  await paste("a".repeat((16 << 10) + 1));
  await anatomy.do.getByText("That is over 16 KiB").waitFor();
  await leave(page);
});

test("a pasted token is decoded here, and sent only when that is asked for", async () => {
  const page = await open();
  const anatomy = await chapter(page, TITLE);
  await page.waitForLoadState("networkidle");
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(`${request.headers().authorization} ${request.postData()} ${request.url()}`));
  await anatomy.do.getByLabel("Paste any token").fill(`Bearer ${FOREIGN}\n`);
  await anatomy.press("Unmask the payload");
  await anatomy.region.getByText("http://example.com/is_root").waitFor();
  await anatomy.region.getByText("The issuer’s own: only it can say.").waitFor();
  assert.equal(asked.length, 0);
  await anatomy.press("Send it to /contact");
  await told(anatomy, "401 token_algorithm_refused");
  assert.equal(asked.filter((one) => one.includes(FOREIGN)).length, 1);
  await anatomy.do.getByLabel("Paste any token").fill("no token at all");
  await anatomy.region.getByText("This is no base64url.").or(anatomy.region.getByText("These bytes are no JSON object.")).first().waitFor();
  await anatomy.press("Back to mine");
  await anatomy.region.getByText("Nothing yet").first().waitFor();
  await leave(page);
});
