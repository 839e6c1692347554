import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { changePassword, confirmEmail, deleteAccount, forgotPassword, rename } from "../src/account.js";
import { ADA, Bulla, client, disposeAll, offline } from "./support/bulla.js";

let bulla: Bulla;
const PASSWORDS = { current_password: "old", new_password: "new" };

beforeEach(() => {
  vi.useFakeTimers();
  bulla = new Bulla();
  bulla.on("POST /auth/password", () => bulla.session());
});
afterEach(() => {
  disposeAll();
  vi.useRealTimers();
});

test("a refresh that is answered after the password was changed has the tokens that came with that", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const old = bulla.session();
  let release = () => {};
  bulla.on("POST /auth/refresh", () => new Promise((resolve) => (release = () => resolve(old))));
  const late = one.refresh();
  await vi.advanceTimersByTimeAsync(0);
  const changed = await changePassword(one, PASSWORDS);
  release();
  expect(await late).toBe(changed);
  expect(await one.getToken()).toBe(bulla.token);
});

test("a password that is not changed disturbs nobody", async () => {
  const one = client(bulla);
  const session = await one.signIn(ADA);
  bulla.on("POST /auth/password", () => bulla.problem(401, "credentials_invalid"));
  const release = bulla.hold("POST /auth/refresh");
  const refreshed = one.refresh();
  await vi.advanceTimersByTimeAsync(0);
  await expect(changePassword(one, PASSWORDS)).rejects.toMatchObject({ code: "credentials_invalid" });
  release();
  expect((await refreshed)?.id).toBe(session.id);
});

test("a password that was changed after a sign-out signs nobody in", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  const release = bulla.hold("POST /auth/password");
  const late = expect(changePassword(one, PASSWORDS)).rejects.toMatchObject({ code: "signed_out" });
  await vi.advanceTimersByTimeAsync(0);
  const out = one.signOut();
  release();
  await Promise.all([late, out]);
  expect(one.session).toBeNull();
});

test("a token that was refused is replaced, and the call sent again with its body, once", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("PATCH /auth/me", ({ headers }) =>
    headers.get("Authorization") === "Bearer access-1-1" ? bulla.invalidToken() : bulla.answer(200, { id: "usr_1", name: "Grace" }),
  );
  expect((await rename(one, "Grace")).name).toBe("Grace");
  expect(bulla.calls("PATCH /auth/me").map(({ body }) => body)).toEqual([{ name: "Grace" }, { name: "Grace" }]);
  bulla.on("PATCH /auth/me", () => bulla.invalidToken());
  await expect(rename(one, "Ada")).rejects.toMatchObject({ code: "token_expired" });
  expect(bulla.calls("PATCH /auth/me")).toHaveLength(4);
});

test("what is done is done, whether the session could be renewed or not", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("PATCH /auth/me", () => bulla.answer(200, { id: "usr_1", name: "Grace" }));
  bulla.on("POST /auth/email/confirm", () => bulla.answer(204));
  bulla.on("DELETE /auth/me", () => bulla.answer(204));
  bulla.on("POST /auth/refresh", offline);
  bulla.on("POST /auth/logout", offline);
  expect((await rename(one, "Grace")).name).toBe("Grace");
  await confirmEmail(one, "blt_1");
  await deleteAccount(one, "old");
  expect(one.session).toBeNull();
});

test("what needs no session sends none, and is not broken off when somebody signs in", async () => {
  const one = client(bulla);
  await one.signIn(ADA);
  bulla.on("POST /auth/password/forgot", () => bulla.answer(202, { accepted: true }));
  const release = bulla.hold("POST /auth/password/forgot");
  const asked = forgotPassword(one, "ada@example.com");
  await one.signIn(ADA);
  release();
  await asked;
  expect(bulla.calls("POST /auth/password/forgot")[0]?.headers.has("Authorization")).toBe(false);
});
