// What a page does that a link in a letter leads to: node links.mjs URL PAGE TOKEN PASSWORD
//
// URL is a `bulla serve` with its demo, under the name localhost.

import assert from "node:assert/strict";

import { Chromium } from "./chromium.mjs";

const [bulla, name, token, password] = process.argv.slice(2);

const text = (page, id) => page.run((id) => document.getElementById(id).textContent, id);
const shows = async (page, id, holds) => {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = await text(page, id);
    if (holds(found)) return;
    assert(Date.now() < end, `${id}: ${found}, ${await text(page, "outcome")}`);
    await new Promise((done) => setTimeout(done, 50));
  }
};
const choose = (page) =>
  page.run((password) => void (document.getElementById("new-password").value = password), password);
const press = (page) => page.run(() => document.getElementById("button").click());
const done = /^Your (address is confirmed|password is changed)/;

const chromium = new Chromium("attacker.example");
try {
  // Whoever only looks uses nothing, and the page keeps no token.
  const looked = await chromium.open(`${bulla}/auth/link/${name}#${token}`);
  await shows(looked, "button", (label) => label !== "Continue");
  assert.equal(await looked.run(() => location.hash), "");

  const page = await chromium.open(`${bulla}/auth/link/${name}#${token}`);
  await shows(page, "button", (label) => label !== "Continue");
  await choose(page);
  await press(page);
  await shows(page, "lead", (lead) => done.test(lead));
  if (name === "verify") {
    const profile = await page.fetch("GET", "/api/profile");
    assert.equal(profile.status, 200, JSON.stringify(profile));
    assert.equal(profile.body.email, "ada@example.com");
  }

  // The other one is too late.
  await choose(looked);
  await press(looked);
  await shows(looked, "outcome", (outcome) => outcome.startsWith("This link was used before"));
} finally {
  await chromium.end();
}
