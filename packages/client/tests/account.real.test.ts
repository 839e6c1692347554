// What users do with their accounts, against the real server.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as account from "../src/account.js";
import { type Client, type ClientOptions, createClient } from "../src/index.js";
import { jar } from "./support/jar.js";
import { type Server, serve } from "./support/server.js";

const PASSWORD = "a clay envelope, sealed";
const ANOTHER = "a quite different long phrase";
const LINK = /#(blt_\S+)/;

let server: Server;
let proving: Server;
const made: Client[] = [];
let people = 0;

beforeAll(async () => {
  [server, proving] = await Promise.all([serve("[login]\nmail = \"code\"\n"), serve("[registration]\nverify_email = true\n[login]\nmail = \"link\"\n")]);
}, 60_000);
afterAll(() => Promise.all([server?.end(), proving?.end()]));
afterEach(() => {
  for (const one of made.splice(0)) one.dispose();
});

const address = () => `somebody-${++people}@example.com`;

function client(options: ClientOptions = {}): Client {
  const one = createClient({ url: server.url, mode: "token", ...options });
  made.push(one);
  return one;
}

/** A client in each mode, and somebody signed up with it. */
async function signedUp(mode: "cookie" | "token") {
  const email = address();
  const one = client(mode === "token" ? { mode } : { mode, fetch: jar(server.url).fetch, storage: null });
  await one.signUp({ email, password: PASSWORD, name: "Ada" });
  return { one, email };
}

for (const mode of ["token", "cookie"] as const) {
  test(`${mode}: an account is shown, named and exported`, async () => {
    const { one, email } = await signedUp(mode);
    expect(await account.me(one)).toMatchObject({ id: one.session?.user.id, email, name: "Ada" });
    expect((await account.rename(one, "Grace")).name).toBe("Grace");
    expect(one.session?.user.name).toBe("Grace");
    expect((await account.rename(one, null)).name).toBeNull();
    const { user, sessions, events } = await account.exportAccount(one);
    expect([user.email, sessions.length]).toEqual([email, 1]);
    expect(events.map(({ kind }) => kind)).toContain("account_exported");
  });

  test(`${mode}: a changed password ends the other sessions, and this one goes on`, async () => {
    const { one, email } = await signedUp(mode);
    const { id } = one.session!;
    const other = client();
    await other.signIn({ email, password: PASSWORD });
    await expect(account.changePassword(one, { current_password: "wrong", new_password: ANOTHER })).rejects.toMatchObject({ code: "credentials_invalid" });
    expect(one.session?.id).toBe(id);
    expect((await account.changePassword(one, { current_password: PASSWORD, new_password: ANOTHER })).id).toBe(id);
    expect((await one.fetch("/auth/me")).status).toBe(200);
    expect((await one.refresh())?.id).toBe(id);
    expect(await other.refresh()).toBeNull();
    expect((await client().signIn({ email, password: ANOTHER })).user.email).toBe(email);
  });

  test(`${mode}: sessions are listed, named and ended`, async () => {
    const { one, email } = await signedUp(mode);
    const [two, three] = [client(), client()];
    await two.signIn({ email, password: PASSWORD });
    await three.signIn({ email, password: PASSWORD });
    const ids = async () => (await account.sessions(one)).map(({ id }) => id);
    expect(await ids()).toEqual([three, two, one].map(({ session }) => session?.id));
    expect(await account.renameSession(one, two.session!.id!, "the laptop")).toMatchObject({ name: "the laptop", current: false });
    await account.endSession(one, two.session!.id!);
    expect(await two.refresh()).toBeNull();
    await account.endOtherSessions(one);
    expect(await three.refresh()).toBeNull();
    expect(await ids()).toEqual([one.session?.id]);
    await expect(account.endSession(one, "nobody")).rejects.toMatchObject({ code: "not_found", status: 404 });
    await account.endSession(one, one.session!.id!);
    expect(one.session).toBeNull();
    expect((await one.fetch("/auth/me")).status).toBe(401);
  });

  test(`${mode}: another address counts when its link is used, and the session goes on`, async () => {
    const { one } = await signedUp(mode);
    const { id } = one.session!;
    const email = address();
    await expect(account.changeEmail(one, { email, current_password: "wrong" })).rejects.toMatchObject({ code: "credentials_invalid" });
    await account.changeEmail(one, { email, current_password: PASSWORD });
    const token = await server.letter(email, LINK);
    await account.confirmEmail(one, token);
    expect(one.session).toMatchObject({ id, user: { email } });
    expect((await one.fetch("/auth/me")).status).toBe(200);
    await expect(account.confirmEmail(one, token)).rejects.toMatchObject({ code: "link_invalid" });
  });

  test(`${mode}: a deleted account is signed out`, async () => {
    const { one, email } = await signedUp(mode);
    await expect(account.deleteAccount(one, "wrong")).rejects.toMatchObject({ code: "credentials_invalid" });
    expect(one.session).not.toBeNull();
    await account.deleteAccount(one, PASSWORD);
    expect(one.session).toBeNull();
    await expect(one.signIn({ email, password: PASSWORD })).rejects.toMatchObject({ code: "credentials_invalid" });
  });
}

test("a forgotten password is replaced by the link in the letter, and all sessions end", async () => {
  const { one, email } = await signedUp("token");
  const other = client();
  await account.forgotPassword(other, email);
  const token = await server.letter(email, LINK);
  await expect(account.resetPassword(other, { token, new_password: "x" })).rejects.toMatchObject({ code: "password_refused" });
  await other.signIn({ email, password: PASSWORD });
  await account.resetPassword(other, { token, new_password: ANOTHER });
  expect(other.session).toBeNull();
  expect(await one.refresh()).toBeNull();
  expect((await other.signIn({ email, password: ANOTHER })).user.email).toBe(email);
});

test("somebody signs in by a code", async () => {
  const { email } = await signedUp("token");
  const one = client();
  const { mode, request } = await account.mailSignIn(one, email);
  expect(mode).toBe("code");
  const code = await server.letter(email, /\b(\d{4} ?\d{4})\b/);
  const wrong = code.replace(/\d/g, (digit) => `${9 - Number(digit)}`);
  await expect(account.signInByMail(one, { request: request!, code: wrong })).rejects.toMatchObject({ code: "link_invalid" });
  expect((await account.signInByMail(one, { request: request!, code })).user.email).toBe(email);
  expect((await one.fetch("/auth/me")).status).toBe(200);
});

test("an address is proven by the link in the letter, which signs in, and so does one to sign in by", async () => {
  const email = address();
  const one = client({ url: proving.url });
  expect(await one.signUp({ email, password: PASSWORD })).toBeNull();
  expect(one.session).toBeNull();
  const proof = { token: await proving.letter(email, LINK), password: ANOTHER };
  expect((await account.verifyEmail(one, proof)).user.email).toBe(email);
  await one.signOut();
  await expect(account.verifyEmail(one, proof)).rejects.toMatchObject({ code: "link_invalid" });
  expect(await account.mailSignIn(one, email)).toMatchObject({ mode: "link", request: null });
  const token = await proving.letter(email, /\/login#(blt_\S+)/);
  expect((await account.signInByMail(one, { token })).user.email).toBe(email);
  expect((await one.fetch("/auth/me")).status).toBe(200);
});

test("nobody who is not signed in does any of it", async () => {
  for (const call of [account.me, account.sessions, account.exportAccount, account.endOtherSessions]) {
    await expect(call(client())).rejects.toMatchObject({ code: "token_missing", status: 401 });
  }
});
