import type { Held } from "./session.js";

/** How long a tab waits for another one's refresh, in milliseconds. */
const PATIENCE = 3_000;

/** What tabs tell one another. */
export interface News {
  readonly held?: Held;
  /** The key of a session that has ended. */
  readonly ended?: string;
}

/** The other tabs of the same origin. */
export class Tabs {
  readonly #name: string;
  #channel: BroadcastChannel | undefined;
  readonly #locks: LockManager | undefined;

  constructor(name: string, locks: boolean, heard: (news: News) => void) {
    this.#name = name;
    if (typeof BroadcastChannel === "function") {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = ({ data }) => heard(data as News);
    }
    this.#locks = locks ? globalThis.navigator?.locks : undefined;
  }

  tell(news: News): void {
    this.#channel?.postMessage(news);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  /**
   * Does something in one tab at a time. A lock that another tab does not give back in time is not waited for: two refreshes at
   * once get the same refresh token, so the lock saves requests and nothing depends on it.
   */
  async oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#locks) return work();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    let begun = false;
    try {
      return await this.#locks.request(this.#name, { signal: stop.signal }, () => {
        begun = true;
        clearTimeout(timer);
        return work();
      });
    } catch (error) {
      if (begun) throw error;
      return work();
    }
  }
}
