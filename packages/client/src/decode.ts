import { BullaError } from "./error.js";

/** What a token says. Nobody has checked it. */
export interface Decoded {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Reads a JWT (RFC 7519) without verifying it: for showing, never for deciding.
 *
 * @throws BullaError `token_malformed`
 */
export function decode(jwt: string): Decoded {
  try {
    const parts = jwt.split(".");
    const [header, payload] = parts.slice(0, 2).map((part) => {
      const bytes = atob(part.replace(/-/g, "+").replace(/_/g, "/"));
      const value: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
      // `in` refuses what is no object.
      return "" in (value as object) || value;
    });
    if (parts.length !== 3) throw 0;
    return { header, payload } as Decoded;
  } catch {
    throw new BullaError("token_malformed");
  }
}
