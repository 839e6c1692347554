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
    if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(jwt)) throw 0;
    const [header, payload] = jwt.split(".", 2).map((part) => {
      const bytes = atob(part.replace(/-/g, "+").replace(/_/g, "/"));
      const text = new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
      // JSON that begins so is an object.
      if (!/^\s*{/.test(text)) throw 0;
      return JSON.parse(text) as object;
    });
    return { header, payload } as Decoded;
  } catch {
    throw new BullaError("token_malformed");
  }
}
