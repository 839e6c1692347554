// Bulla's client: who is signed in, and tokens that are always good.

import { Client } from "./client.js";
import type { ClientOptions } from "./options.js";

export type { Client } from "./client.js";
export { type Decoded, decode } from "./decode.js";
export { BullaError, type BullaErrorCode, type ClientCode, type ServerCode } from "./error.js";
export type {
  ClientOptions,
  Credentials,
  Listener,
  ProofOptions,
  Registration,
  SessionEvent,
} from "./options.js";
export type { Session, User } from "./session.js";
export type { KeyValue } from "./shelf.js";

/** A client of the Bulla at `url`. Make one for a page, and share it. */
export function createClient(options: ClientOptions = {}): Client {
  return new Client(options);
}
