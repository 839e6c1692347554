import { expect, test } from "vitest";
import { BullaError, type BullaErrorCode, type Credentials, decode, type Registration } from "../src/index.js";
import { Bulla, client } from "./support/bulla.js";

test("an error has the problem's code, status, field and request", async () => {
  const bulla = new Bulla();
  bulla.on("POST /auth/register", () =>
    bulla.answer(422, { code: "password_refused", detail: "too common", field: "password", request_id: "r7" }),
  );
  const error = await client(bulla)
    .signUp({ email: "a@example.com", password: "password" })
    .catch((error: unknown) => error);
  expect(error).toBeInstanceOf(BullaError);
  expect(error).toMatchObject({
    name: "BullaError",
    message: "too common",
    code: "password_refused" satisfies BullaErrorCode,
    status: 422,
    field: "password",
    requestId: "r7",
    retryable: false,
  });
});

test("the codes are a union", () => {
  // @ts-expect-error: no such code
  const wrong: BullaErrorCode = "password_wrong";
  expect(wrong).toBe("password_wrong");
});

test("a name is one of two, and an account has at least one", () => {
  const password = "a clay envelope";
  const named: Credentials[] = [{ email: "a@example.com", password }, { username: "ada", password }];
  const accounts: Registration[] = [...named, { email: "a@example.com", username: "ada", password, name: "Ada" }];
  // @ts-expect-error: no name
  const nobody: Credentials = { password };
  // @ts-expect-error: two names
  const two: Credentials = { email: "a@example.com", username: "ada", password };
  // @ts-expect-error: no name
  const nameless: Registration = { password };
  expect([named, accounts, [nobody, two, nameless]].map(({ length }) => length)).toEqual([2, 3, 3]);
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a token is decoded, whatever its letters, and not verified", () => {
  const payload = { sub: "usr_1", name: "Łucja 🏺>>>???", "": 1 };
  expect(decode(`${part({ alg: "ES256" })}.${part(payload)}.bm8`)).toEqual({ header: { alg: "ES256" }, payload });
  expect(decode(`${part({ alg: "none" })}.${part({})}.`)).toEqual({ header: { alg: "none" }, payload: {} });
});

test.each([
  ...["", "x", "a.b", "e30", "e30.", "e30.e30", ".e30.x", "e30.e30.x.y", "e30.MQ.x", "e30.bnVsbA.x", "brt_AAAA", "e30.%%%.x", "e30.e30.x\n"],
  ...[null, 1, "{}", [{}], true].map((value) => `e30.${part(value)}.x`),
])("what is no token is said to be none: %s", (text) => {
  expect(() => decode(text)).toThrow(expect.objectContaining({ code: "token_malformed" }));
});
