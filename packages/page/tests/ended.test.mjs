// The page after its tokens' time, as for somebody who reads for a quarter of an hour: here it is a few seconds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chapter, lab, leave, library, told } from "./support/reader.mjs";

const { open } = library({ BULLA__TOKENS__ACCESS_LIFETIME: "6s" });

test("what has ended by itself is renewed where it is needed, and nothing is blamed for it", async () => {
  const page = await open();
  const verify = await chapter(page, "What is verified?");
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  const sessions = await lab(page, "Sessions against tokens");
  await sessions.press("Sign in");
  await told(sessions, "Signed in, twice.");
  const devices = await lab(page, "Devices");
  await devices.press("Sign in three times");
  await devices.region.getByText("you are here").waitFor();
  const limits = await lab(page, "Limits");
  await limits.press("Send one as a visitor");
  await told(limits, "200 OK");
  await page.locator('#envelope[data-state="ended"]').waitFor();
  await page.getByRole("banner").getByText("ended").waitFor();

  let registered = 0;
  page.on("request", (request) => (registered += Number(/register|login/.test(request.url()))));
  await devices.press("List the sessions");
  await told(devices, "200 OK");
  await devices.press("End all others");
  await told(devices, "204 No Content");
  await sessions.press("Log out of both");
  await told(sessions, "Both are refused.");
  assert.match((await sessions.row(/^To take back/))[1] ?? "", /token_revoked/);
  await verify.press("Send to /contact");
  await told(verify, "200 OK");
  await page.locator('#envelope[data-state="user"]').waitFor();
  await limits.press("Send one as a visitor");
  await told(limits, "200 OK");
  assert.equal(registered, 0, "a session was renewed by a password");
  await leave(page);
});
