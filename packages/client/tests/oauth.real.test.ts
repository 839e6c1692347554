// Services that get their tokens from the real server, by an OAuth library that knows nothing of Bulla.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import * as oauth from "openid-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BINARY, serve } from "./support/server.js";

let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  server = await serve();
}, 60_000);
afterAll(() => server?.end());

interface Credentials {
  client_id: string;
  client_secret: string;
}

/** `bulla client add NAME …`. */
function add(name: string, ...flags: string[]): Credentials {
  const made = execFileSync(BINARY, ["client", "add", name, "--json", ...flags], { cwd: server.folder });
  return JSON.parse(made.toString()) as Credentials;
}

/** The library finds out by itself where to ask, and how. */
function discover(id: string, proof: oauth.ClientAuth) {
  return oauth.discovery(new URL(server.url), id, undefined, proof, {
    algorithm: "oauth2",
    execute: [oauth.allowInsecureRequests],
  });
}

const ways = { client_secret_basic: oauth.ClientSecretBasic, client_secret_post: oauth.ClientSecretPost };

test.each(Object.entries(ways))("a token by %s, what it is worth, and its end", async (name, prove) => {
  const { client_id, client_secret } = add(name, "--scope", "orders:read", "--scope", "orders:write");
  const config = await discover(client_id, prove(client_secret));
  const token = await oauth.clientCredentialsGrant(config, { scope: "orders:read" });
  expect(token).toMatchObject({ token_type: "bearer", scope: "orders:read", expires_in: 900 });
  const told = await oauth.tokenIntrospection(config, token.access_token);
  expect(told).toMatchObject({ active: true, sub: client_id, client_id, scope: "orders:read" });
  await oauth.tokenRevocation(config, token.access_token);
  expect(await oauth.tokenIntrospection(config, token.access_token)).toEqual({ active: false });
});

test.each(["ES256", "PS256", "Ed25519"])("a token by private_key_jwt with %s", async (algorithm) => {
  const [own, others] = [await generateKeyPair(algorithm), await generateKeyPair(algorithm)];
  const kid = "2026-01";
  const jwk = { ...(await exportJWK(own.publicKey)), kid, alg: algorithm, use: "sig" };
  const file = join(server.folder, `${algorithm}.json`);
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  const { client_id, client_secret } = add(algorithm, "--jwks", file);
  expect(client_secret).toBeUndefined();
  const config = await discover(client_id, oauth.PrivateKeyJwt({ key: own.privateKey, kid }));
  for (let round = 0; round < 2; round += 1) {
    const token = await oauth.clientCredentialsGrant(config);
    expect(await oauth.tokenIntrospection(config, token.access_token)).toMatchObject({ active: true, sub: client_id });
  }
  const forged = await discover(client_id, oauth.PrivateKeyJwt({ key: others.privateKey, kid }));
  await expect(oauth.clientCredentialsGrant(forged)).rejects.toMatchObject({ error: "invalid_client", status: 401 });
});

test("a session goes on for the public client", async () => {
  const body = JSON.stringify({ email: "ada@example.com", password: "a clay envelope, sealed" });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${server.url}/auth/register`, { method: "POST", headers, body });
  const session = (await answer.json()) as { refresh_token: string; user: { id: string } };
  const config = await discover("bulla", oauth.None());
  const token = await oauth.refreshTokenGrant(config, session.refresh_token);
  expect(token).toMatchObject({ token_type: "bearer", expires_in: 900 });
  await oauth.tokenRevocation(config, token.refresh_token ?? "");
  await expect(oauth.refreshTokenGrant(config, session.refresh_token)).rejects.toMatchObject({ error: "invalid_grant" });
});

test("refusals are told in words that the library knows", async () => {
  const { client_id, client_secret } = add("refused", "--scope", "a");
  const config = await discover(client_id, oauth.ClientSecretBasic(client_secret));
  const scope = oauth.clientCredentialsGrant(config, { scope: "b" });
  await expect(scope).rejects.toMatchObject({ error: "invalid_scope", status: 400 });
  const unproven = await discover(client_id, oauth.ClientSecretPost(`${client_secret}x`));
  const refused = oauth.clientCredentialsGrant(unproven);
  await expect(refused).rejects.toMatchObject({ error: "invalid_client", status: 401 });
  // Only by Authorization is it asked for that, and the library tells so.
  const wrong = await discover(client_id, oauth.ClientSecretBasic(`${client_secret}x`));
  const challenged = oauth.clientCredentialsGrant(wrong);
  await expect(challenged).rejects.toMatchObject({ cause: [{ scheme: "basic", parameters: { realm: "bulla" } }] });
});
