// The pages that links in letters lead to: they use a link when their button is pressed, and not before.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "../src/index.js";
import { forgotPassword } from "../src/account.js";
import { ask, chromiumForTests, type Profile } from "./support/chromium.js";
import { type Server, serve } from "./support/server.js";

const PASSWORD = "correct horse battery staple";
const CHOSEN = "what its owner chose";
const NEW = "a quite different long phrase";

const profile = chromiumForTests();
let server: Server;
let bulla: string;

beforeAll(async () => {
  server = await serve(undefined, { BULLA__REGISTRATION__VERIFY_EMAIL: "true" });
  bulla = `http://localhost:${new URL(server.url).port}`;
}, 60_000);
afterAll(() => server?.end());

/** Opens the page of a link. */
async function opened({ open }: Profile, name: string, token: string) {
  const page = await open(`${bulla}/auth/link/${name}#${token}`);
  const button = page.locator("#button");
  await button.filter({ hasNotText: /^Continue$/ }).waitFor();
  return {
    page,
    /** What it says then, there. */
    use: async (password: string, where: string, what: RegExp) => {
      await page.locator("#new-password").fill(password);
      await button.click();
      await page.locator(where).filter({ hasText: what }).waitFor();
    },
  };
}

test("an address is confirmed, and a forgotten password replaced, by whoever presses the button first", async () => {
  const email = "ada@example.com";
  const one = createClient({ url: server.url, mode: "token" });
  await one.signUp({ email, password: PASSWORD });
  for (const [name, said, chosen] of [
    ["verify", /^Your address is confirmed/, CHOSEN],
    ["reset", /^Your password is changed/, NEW],
  ] as const) {
    if (name === "reset") await forgotPassword(one, email);
    const token = await server.letter(email, new RegExp(`/auth/link/${name}#(\\S+)`));
    const browser = await profile();
    // Whoever only looks uses nothing, and the page keeps no token.
    const looked = await opened(browser, name, token);
    expect(await looked.page.evaluate(() => location.hash)).toBe("");
    const { page, use } = await opened(browser, name, token);
    await use(chosen, "#lead", said);
    if (name === "verify") expect((await ask(page, "GET", "/api/profile")).body?.email).toBe(email);
    // The other one is too late.
    await looked.use("somebody else's choice", "#outcome", /^This link was used before/);
    await expect(one.signIn({ email, password: PASSWORD })).rejects.toMatchObject({ code: "credentials_invalid" });
    expect((await one.signIn({ email, password: chosen })).user.email).toBe(email);
  }
  one.dispose();
});
