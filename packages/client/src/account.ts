// What users do with their accounts: passwords, addresses, sessions; and what they do by mail.

import type { components } from "./api.js";
import type { Client } from "./client.js";
import type { Session, User } from "./session.js";

type Schemas = components["schemas"];

/** One sign-in on one device. Times are RFC 3339. */
export type SessionLine = Schemas["SessionLine"];
/** All that is held about an account. */
export type ExportDocument = Schemas["ExportDocument"];
/** What a letter to sign in by holds, and, if that is a code, what the code belongs to. */
export type MailedSignIn = Schemas["LoginByMailAnswer"];

/** A link's token; or a code, and what it belongs to. */
type Mailed = { readonly token: string } | { readonly request: string; readonly code: string };

/** The account as the server knows it now. */
export const me = (bulla: Client): Promise<User> => bulla.call("GET", "/auth/me") as Promise<User>;

/** Changes what to call the user; `null` forgets it. */
export async function rename(bulla: Client, name: string | null): Promise<User> {
  const user = (await bulla.call("PATCH", "/auth/me", { name })) as User;
  await renew(bulla);
  return user;
}

/** This session goes on with new tokens; all others end. */
export const changePassword = (bulla: Client, passwords: Omit<Schemas["PasswordRequest"], "mode">): Promise<Session> =>
  bulla.enter("/auth/password", passwords, true) as Promise<Session>;

/** Sends a link to choose another password by, if the address has an account: that is not told. */
export const forgotPassword = (bulla: Client, email: string): Promise<void> => unsigned(bulla, "/auth/password/forgot", { email });

/** Chooses another password by that link. All the account's sessions end, this one too if it is one of them. */
export async function resetPassword(bulla: Client, choice: Schemas["ResetRequest"]): Promise<void> {
  await unsigned(bulla, "/auth/password/reset", choice);
  await renew(bulla);
}

/** Sends a link to the new address, which gives it to the account. */
export async function changeEmail(bulla: Client, wish: Schemas["EmailRequest"]): Promise<void> {
  await bulla.call("POST", "/auth/email", wish);
}

/** Gives the account the new address by that link. */
export async function confirmEmail(bulla: Client, token: string): Promise<void> {
  await unsigned(bulla, "/auth/email/confirm", { token });
  await renew(bulla);
}

/** Proves an address by the link that `signUp` or `upgrade` sent, and signs in. */
export const verifyEmail = (bulla: Client, proof: Omit<Schemas["VerifyRequest"], "mode">): Promise<Session> =>
  bulla.enter("/auth/verify", proof) as Promise<Session>;

/** Sends a link or a code to sign in by, if the address has an account: that is not told. */
export const mailSignIn = (bulla: Client, email: string): Promise<MailedSignIn> =>
  bulla.call("POST", "/auth/login/mail", { email }, false) as Promise<MailedSignIn>;

/** Signs in by what came with that letter. */
export const signInByMail = (bulla: Client, mailed: Mailed): Promise<Session> =>
  bulla.enter("/auth/login/mail/confirm", mailed) as Promise<Session>;

/** The account's sessions that have not ended, the newest first. */
export async function sessions(bulla: Client): Promise<readonly SessionLine[]> {
  return ((await bulla.call("GET", "/auth/sessions")) as Schemas["SessionsAnswer"]).sessions;
}

/** Names a session; `null`: by its device. */
export const renameSession = (bulla: Client, id: string, name: string | null): Promise<SessionLine> =>
  bulla.call("PATCH", path(id), { name }) as Promise<SessionLine>;

/** Ends a session; one's own is a sign-out. */
export async function endSession(bulla: Client, id: string): Promise<void> {
  if (id === bulla.session?.id) await bulla.signOut();
  else await bulla.call("DELETE", path(id));
}

/** Ends all sessions but one's own. */
export async function endOtherSessions(bulla: Client): Promise<void> {
  await bulla.call("DELETE", "/auth/sessions");
}

/** All that is held about the account. */
export const exportAccount = (bulla: Client): Promise<ExportDocument> =>
  bulla.call("GET", "/auth/me/export") as Promise<ExportDocument>;

/** Deletes the account with its sessions, and signs out. There is no way back. */
export async function deleteAccount(bulla: Client, current_password: string): Promise<void> {
  await bulla.call("DELETE", "/auth/me", { current_password });
  // The server has nothing to end any more.
  await bulla.signOut().catch(() => {});
}

const path = (id: string): string => `/auth/sessions/${encodeURIComponent(id)}`;

async function unsigned(bulla: Client, path: string, body: object): Promise<void> {
  await bulla.call("POST", path, body, false);
}

/** So that session and token say what the account says. What was asked for is done, whether this succeeds or not. */
async function renew(bulla: Client): Promise<void> {
  if (bulla.session) await bulla.refresh().catch(() => {});
}
