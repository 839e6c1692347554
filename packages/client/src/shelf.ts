import { type Held, isSame, isUsable, type Session } from "./session.js";

/** As much of `Storage` as is needed. */
export interface KeyValue {
  // Methods, so that the browser's own type fits.
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Where a session outlives the page: everything but its access token. A storage that fails is not used again. */
export class Shelf {
  #storage: KeyValue | null;
  readonly #name: string;

  constructor(storage: KeyValue | null, name: string) {
    this.#storage = storage;
    this.#name = name;
  }

  read(): Held | null {
    try {
      const kept = JSON.parse(this.#storage?.getItem(this.#name) ?? "null") as Held | null;
      return isUsable(kept) ? kept : null;
    } catch {
      return null;
    }
  }

  write({ session, renewal }: Held): void {
    try {
      this.#storage?.setItem(this.#name, JSON.stringify({ session, renewal }));
    } catch {
      // Full, or forbidden. What is there is older, and its refresh token would be taken for a thief's.
      this.#clear();
      this.#storage = null;
    }
  }

  /** Takes away this session, and no other that was stored meanwhile. */
  forget(session: Session): void {
    if (isSame(this.read()?.session, session)) this.#clear();
  }

  #clear(): void {
    try {
      this.#storage?.removeItem(this.#name);
    } catch {
      // As above.
    }
  }
}

/** The browser's `localStorage`, where it is there and may be used. */
export function localStorage(): KeyValue | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
