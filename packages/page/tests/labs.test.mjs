// The labs: each is tried as its reader would.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { audit } from "./support/audit.mjs";
import { chapter, failed, lab, leave, library, told } from "./support/reader.mjs";

const { open } = library();
const SCREENSHOTS = fileURLToPath(new URL("../screenshots/", import.meta.url));
const TITLES = ["Sessions against tokens", "Where to keep it", "Devices", "Limits", "Abuse", "Proof of work", "Service to service", "Encrypted tokens"];

test("without JavaScript each lab says what it is about, and what to type or how it compares", async () => {
  const page = await open({ javaScriptEnabled: false });
  for (const title of TITLES) {
    const region = page.getByRole("article", { name: title });
    assert.ok((await region.innerText()).length > 200, title);
    await region.locator("pre, table").first().waitFor();
  }
  await leave(page);
});

test("a session costs lookups and a token bytes, and both are taken back at the next request", async () => {
  const page = await open();
  const sessions = await lab(page, "Sessions against tokens");
  /** @type {Record<string, number[]>} */
  const answers = { "/demo/session/me": [], "/demo/token/me": [] };
  page.on("response", (response) => answers[new URL(response.url()).pathname]?.push(response.status()));
  await sessions.press("Sign in");
  await told(sessions, "Signed in, twice.");
  await sessions.press("Send 20 requests each");
  await told(sessions, "20 requests each.");
  assert.deepEqual(await sessions.row(/^Lookups/), ["40", "0"]);
  const [session, token] = (await sessions.row(/^On the wire/)).map((text) => Number.parseInt(text, 10));
  assert.equal(session, 61);
  assert.ok((token ?? 0) > 400, `${token} bytes`);
  for (const text of await sessions.row(/^At the server/)) assert.match(text, /^\d+\.\d+ ms/);
  assert.match((await sessions.row(/^At the server/))[1] ?? "", /more the first time, for the signature/);
  await sessions.press("Log out of both");
  await told(sessions, "Both are refused.");
  const [gone, revoked] = await sessions.row(/^To take back/);
  assert.match(gone ?? "", /^\d+\.\d+ ms\s+session_revoked$/);
  assert.match(revoked ?? "", /token_revoked\s+By its signature alone, it would be good for 1[345] minutes more\.$/);
  for (const statuses of Object.values(answers)) {
    assert.deepEqual(statuses, [...Array.from({ length: 20 }, () => 200), 401], "one request more was let in");
  }
  assert.equal((await page.context().cookies()).length, 0, "a cookie was left behind");
  await leave(page);
});

test("a script takes what it can read, and a neighbour is refused", async () => {
  const page = await open();
  const storage = await lab(page, "Where to keep it");
  await storage.press("Keep them");
  await told(storage, "One in each.");
  const kept = await page.evaluate(() => localStorage.getItem("bulla-lab"));
  /** @type {Set<string>} */
  const tokens = new Set();
  page.on("request", (request) => {
    const [, token] = (request.headers().authorization ?? "").split(" ");
    if (token) tokens.add(token);
  });
  assert.deepEqual((await page.context().cookies()).map(({ name, httpOnly, secure }) => [name, httpOnly, secure]), [
    ["__Host-bulla_access", true, true],
    ["__Host-bulla_refresh", true, true],
  ]);
  await storage.do.getByText("The script").click();
  await storage.do.getByText('localStorage.getItem("bulla-lab")').waitFor();
  await storage.press("Run it");
  await told(storage, "The script ran.");
  assert.deepEqual(await storage.row(/^The script reads it/), [`${kept?.slice(0, 14)}…`, `Bearer ${kept?.slice(0, 14)}…`, "document.cookie does not have it"]);
  assert.deepEqual(await storage.row(/^The thief uses it at home/), ["accepted\n200 OK", "accepted\n200 OK", "refused\n401 token_missing"]);
  assert.deepEqual(await storage.row(/^The script uses it in this page/), ["accepted\n200 OK", "accepted\n200 OK", "accepted\n200 OK"]);
  assert.ok(await page.evaluate(() => fetch.toString().includes("[native code]")), "the script is still there");
  await storage.press("Send it");
  await told(storage, "The requests were sent.");
  assert.deepEqual(await storage.row(/^A neighbour uses it/), ["refused\n401 token_missing", "refused\n401 token_missing", "refused\n403 csrf_refused"]);
  await storage.press("Forget all three");
  await told(storage, "Forgotten, and logged out.");
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.deepEqual(await page.context().cookies(), []);
  assert.equal(tokens.size, 2);
  for (const token of tokens) {
    const answer = await page.request.get(new URL("/api/profile", page.url()).href, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal((await answer.json()).code, "token_revoked");
  }
  await leave(page);
});

test("what cannot be kept is said, and what another tab has stays there", async () => {
  const page = await open();
  const storage = await lab(page, "Where to keep it");
  await storage.press("Keep them");
  await told(storage, "One in each.");
  await page.evaluate(() => localStorage.setItem("bulla-lab", "another tab's"));
  await storage.press("Forget all three");
  await told(storage, "Forgotten, and logged out.");
  assert.equal(await page.evaluate(() => localStorage.getItem("bulla-lab")), "another tab's");
  await page.evaluate(() => (Storage.prototype.setItem = () => { throw new DOMException("no", "SecurityError"); }));
  await storage.press("Keep them");
  await storage.verdict.getByText(/localStorage is switched off/).waitFor();
  await storage.press("Run it");
  await told(storage, "The script ran.");
  await page.route("**/auth/logout", (route) => route.abort());
  await storage.press("Forget all three");
  await told(storage, "Forgotten here. The server ended 0 of 3 sessions.");
  await leave(page);
});

test("a logout that was not answered took nothing back", async () => {
  const page = await open();
  const sessions = await lab(page, "Sessions against tokens");
  await sessions.press("Sign in");
  await told(sessions, "Signed in, twice.");
  let asked = 0;
  page.on("request", (request) => (asked += Number(request.url().endsWith("/demo/token/me"))));
  await page.route("**/auth/logout", (route) => route.fulfill({ status: 503, json: { code: "store_unavailable" } }));
  await sessions.press("Log out of both");
  await told(sessions, "The logout: 503 store_unavailable. Nothing was taken back.");
  assert.equal(asked, 0);
  assert.equal((await sessions.row(/^To take back/))[1], "–");
  await leave(page);
});

test("what is done to devices leaves the reader signed in", async () => {
  const page = await open();
  const verify = await chapter(page, "What is verified?");
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  const devices = await lab(page, "Devices");
  await devices.press("Sign in three times");
  await devices.region.getByText("you are here").waitFor();
  await devices.press("End all others");
  await told(devices, "204 No Content");
  await devices.press("Send a request from: Laptop");
  await told(devices, "401 token_revoked");
  let signedInAgain = 0;
  page.on("request", (request) => (signedInAgain += Number(request.url().endsWith("/auth/login"))));
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  assert.equal(signedInAgain, 0);
  await leave(page);
});

test("a device is signed out from another one", async () => {
  const page = await open();
  const devices = await lab(page, "Devices");
  await devices.press("Sign in three times");
  await devices.region.getByText("you are here").waitFor();
  await devices.press("List the sessions");
  for (const name of ["Phone", "Laptop", "Library computer"]) await devices.wire.getByText(`"name": "${name}"`).waitFor();
  const said = (/** @type {string} */ name) => devices.region.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) }).locator(".said");
  await devices.press("Send a request from: Laptop");
  await said("Laptop").getByText("200").waitFor();
  await devices.press("End it: Laptop");
  await told(devices, "204 No Content");
  await devices.press("Send a request from: Laptop");
  await said("Laptop").getByText("401 token_revoked").waitFor();
  assert.deepEqual(await failed(devices), ["Revocation"]);
  await devices.press("Send a request from: Library computer");
  await said("Library computer").getByText("200").waitFor();
  await devices.press("End it: Phone");
  await devices.region.getByRole("heading", { name: "Library computer" }).getByText("you are here").waitFor();
  await leave(page);
});

test("a plan lets so many through at once, and says so", async () => {
  const page = await open();
  const limits = await lab(page, "Limits");
  await limits.press("Send one");
  await limits.region.getByText(/^19 of 20 left in free, one more in 1 s\./).waitFor();
  await limits.press("Send 25 at once");
  const tally = await limits.region.locator(".tally").innerText();
  const [, passed, refused] = /^Of 25 at once, (\d+) passed and (\d+) were refused\.$/.exec(tally) ?? [];
  assert.ok(Number(passed) >= 19 && Number(refused) >= 1 && Number(passed) + Number(refused) === 25, tally);
  await told(limits, "429 rate_limited");
  assert.deepEqual(await failed(limits), ["Limit"]);
  await limits.region.getByText(/^0 of 20 left/).waitFor();
  await limits.press("Send one as a visitor");
  await limits.region.getByText(/^9 of 10 left in anonymous/).waitFor();
  await told(limits, "200 OK");
  await limits.do.getByRole("button", { name: "Send 25 at once" }).waitFor();
  await leave(page);
});

test("a pretended address climbs the ladder, and comes down", async () => {
  const page = await open();
  const abuse = await lab(page, "Abuse");
  const stands = async (/** @type {string} */ rung, /** @type {RegExp} */ said) => {
    await abuse.verdict.getByText(said).waitFor();
    assert.equal(await abuse.region.locator('[aria-current="true"] b').innerText(), rung);
  };
  await abuse.press("30 forged tokens");
  await stands("Good standing", /^Score 30\. It is answered like any other\.$/);
  await abuse.press("20 failed logins");
  await stands("Challenged", /^Score 90\. Without a good token: 401 challenge_required\.$/);
  await abuse.press("400 malformed requests");
  await stands("1 minute", /^Score 400\. Refused: 403 address_banned\.$/);
  await abuse.press("A minute");
  await stands("Challenged", /^Score 340\./);
  for (const rung of ["5 minutes", "30 minutes", "4 hours"]) {
    await abuse.press("400 malformed requests");
    await abuse.region.locator(`[aria-current="true"]:has-text("${rung}")`).waitFor();
    if (rung !== "4 hours") await abuse.press("Half an hour");
  }
  await stands("4 hours", /Its connections are dropped before TLS\.$/);
  await abuse.region.getByText("What came, and where it led").click();
  await abuse.region.getByText("400 × malformed request: 4h, score 400").waitFor();
  await abuse.press("A clean address");
  assert.equal(await abuse.region.locator('[aria-current="true"] b').innerText(), "Good standing");
  // It was never this browser's.
  const answer = await page.request.get(page.url());
  assert.equal(answer.status(), 200);
  await leave(page);
});

test("work is solved, measured and stopped", async () => {
  const page = await open();
  const proof = await lab(page, "Proof of work");
  await proof.do.getByRole("slider").fill("8");
  await proof.do.getByText("About 4,096 hashes for 16 puzzles.").waitFor();
  await proof.press("Solve 16 puzzles");
  await proof.verdict.getByText(/^Solved in \d+ ms\.$/).waitFor();
  const [hashes, time, rate] = await proof.row(/^8 /);
  assert.ok(Number(hashes?.split("\n")[0]?.replace(",", "")) >= 16, hashes);
  assert.match(time ?? "", /^\d+ ms/);
  assert.match(rate ?? "", /^[\d,]+$/);
  await proof.do.getByRole("slider").fill("17");
  await proof.press("Solve 16 puzzles");
  await proof.press("Stop");
  await told(proof, "Stopped.");
  await proof.do.getByRole("button", { name: "Solve 16 puzzles" }).waitFor();
  await proof.press("Ask the server");
  await proof.do.getByText("It asks for 16 puzzles of 12 zero bits.").waitFor();
  await leave(page);
});

test("a service gets tokens in its own name, and is let in by its scopes", async () => {
  const page = await open();
  const service = await lab(page, "Service to service");
  await service.press("Make one");
  await told(service, "201 Created");
  const secret = await service.region.getByText(/^bcs_/).first().innerText();
  await service.press("For admin");
  await told(service, "400 invalid_scope");
  assert.deepEqual(await failed(service), ["Scope"]);
  await service.press("For orders:read");
  await told(service, "200 OK");
  await service.press("Read the reports");
  await told(service, "403 scope_insufficient");
  await service.press("For all that it may");
  await service.region.getByText("orders:read reports:read", { exact: true }).waitFor();
  await service.press("Read the reports");
  await service.wire.getByText(/Good morning, cli_/).waitFor();
  await service.press("The same as a user");
  await told(service, "403 scope_insufficient");
  assert.deepEqual(await failed(service), ["Access"]);
  await service.press("Remove the client");
  await told(service, "204 No Content");
  await service.press("Read the reports");
  await told(service, "401 token_revoked");
  assert.equal(await service.region.getByText(secret).count(), 0);
  await leave(page);
});

test("an encrypted token is opaque to its holder, and not to the service", async () => {
  const page = await open();
  const encrypted = await lab(page, "Encrypted tokens");
  await encrypted.press("Wrap my token");
  await told(encrypted, "200 OK");
  await encrypted.region.getByText('"alg": "ECDH-ES+A256KW"').waitFor();
  const subject = await page.evaluate(async () => (await import(`${location.origin}/assets/page/wire/reader.js`)).session.value.claims.sub);
  assert.ok(!(await encrypted.region.locator(".envelope").innerText()).includes(subject));
  await encrypted.press("Send it");
  await encrypted.do.getByText(subject).waitFor();
  assert.deepEqual(await failed(encrypted), []);
  await encrypted.press("Send it changed");
  await told(encrypted, "401 token_signature_invalid");
  assert.deepEqual(await failed(encrypted), ["Tag"]);
  await leave(page);
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [390, 1280]) {
    test(`nothing is in the way of anybody in the labs: ${colorScheme}, ${width} pixels`, async () => {
      mkdirSync(SCREENSHOTS, { recursive: true });
      const page = await open({ colorScheme, viewport: { width, height: width < 500 ? 844 : 900 } });
      await play(page);
      await audit(page);
      for (const title of TITLES) {
        const region = page.getByRole("article", { name: title });
        await region.screenshot({ path: `${SCREENSHOTS}${colorScheme}-${width}-lab-${await region.getAttribute("id")}.png` });
      }
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "it scrolls sideways");
      await leave(page);
    });
  }
}

/**
 * Something done in each lab.
 *
 * @param {import("playwright-core").Page} page
 */
async function play(page) {
  /** @type {[string, string[], RegExp][]} */
  const moves = [
    ["Sessions against tokens", ["Sign in", "Send 20 requests each", "Log out of both"], /^Both are refused\.$/],
    ["Where to keep it", ["Keep them", "Run it", "Send it"], /^The requests were sent\.$/],
    ["Devices", ["Sign in three times", "End it: Laptop", "Send a request from: Laptop"], /token_revoked/],
    ["Limits", ["Send one", "Send 25 at once"], /rate_limited/],
    ["Abuse", ["400 malformed requests"], /address_banned/],
    ["Proof of work", ["Solve 16 puzzles"], /^Solved/],
    ["Service to service", ["Make one", "For all that it may", "Read the reports"], /\/demo\/reports/],
    ["Encrypted tokens", ["Wrap my token", "Send it"], /\/demo\/encrypted\/read/],
  ];
  for (const [title, presses, said] of moves) {
    const { region, verdict } = await lab(page, title);
    for (const name of presses) {
      const button = region.getByRole("button", { name, exact: true });
      await button.and(page.locator('[aria-disabled="false"]')).click();
      await button.and(page.locator('[aria-busy="false"]')).waitFor();
    }
    await verdict.getByText(said).first().waitFor();
  }
}
