import { BullaError } from "./error.js";
import { type Held, isSame, type Session } from "./session.js";
import type { Wire } from "./wire.js";

/** The longest time that a timer takes. */
const LONGEST = 2 ** 31 - 1;
/** The longest pause between two attempts, but for one that the server asks for. */
const PAUSE = 60_000;

export interface Rules {
  readonly wire: Wire;
  /** How long before its end a token is replaced at the latest, in milliseconds. */
  readonly leeway: number;
  readonly held: () => Held | null;
  /** Asks for the successor. */
  readonly renew: (held: Held | null) => Promise<Held>;
  readonly oneAtATime: <T>(work: () => Promise<T>) => Promise<T>;
}

/** When tokens are replaced: in good time, one attempt at once, and not while the server wants to be left alone. */
export class Renewals {
  readonly #rules: Rules;
  readonly #wake = (): void => this.#awake();
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flight: Promise<Held> | undefined;
  #failures = 0;
  /** Until then nothing is asked, and this is the answer. */
  #quiet = 0;
  #refusal: BullaError | undefined;
  #ended = false;

  constructor(rules: Rules) {
    this.#rules = rules;
    globalThis.addEventListener?.("online", this.#wake);
  }

  /** To be called when something else is held. */
  plan(): void {
    const held = this.#rules.held();
    this.#failures = 0;
    this.#quiet = 0;
    clearTimeout(this.#timer);
    if (!held) return;
    const { expiresAt } = held.session;
    const left = expiresAt - this.#rules.wire.now();
    // Short lives have a short leeway. Jitter keeps tabs apart, and clients that a restart has brought into step.
    this.#due = expiresAt - Math.min(this.#rules.leeway, left / 4) * (1 + Math.random());
    this.#arm();
  }

  isDue(): boolean {
    return this.#rules.wire.now() >= this.#due;
  }

  /**
   * The successor of what was held when a token was found wanting: that of the attempt under way, or what is held by now.
   *
   * @throws BullaError as the server said
   */
  renew(stale: Session | null): Promise<Held> {
    if (this.#flight) return this.#flight;
    const { wire, held: current, oneAtATime, renew } = this.#rules;
    const flight = oneAtATime(async () => {
      const held = current();
      if (stale && !isSame(held?.session, stale)) throw new BullaError("signed_out");
      // Another tab, or an earlier request, was faster.
      if (held && held.session !== stale && (held.token || wire.cookies)) return held;
      if (wire.now() < this.#quiet) throw this.#refusal;
      try {
        return await renew(held);
      } catch (error) {
        if (held && held === current()) this.#pause(error as BullaError);
        throw error;
      }
    }).finally(() => {
      if (this.#flight === flight) this.#flight = undefined;
    });
    this.#flight = flight;
    return flight;
  }

  /** The attempt under way is nobody's any more. */
  forget(): void {
    this.#flight = undefined;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#wake);
  }

  #pause(refusal: BullaError): void {
    const pause = Math.min(PAUSE, 1000 * 2 ** this.#failures++);
    const delay = Math.max((refusal.retryAfter ?? 0) * 1000, pause / 2) + (Math.random() * pause) / 2;
    if (refusal.status === 429 || refusal.status === 503) {
      this.#quiet = this.#rules.wire.now() + delay;
      this.#refusal = refusal;
    }
    this.#arm(delay);
  }

  #arm(delay = this.#due - this.#rules.wire.now()): void {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    this.#timer = setTimeout(this.#wake, Math.min(delay, LONGEST));
    // A program for Node.js ends when it has nothing else to do.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #awake(): void {
    const held = this.#rules.held();
    if (!held) return;
    if (this.isDue()) this.renew(held.session).catch(() => {});
    else this.#arm();
  }
}
