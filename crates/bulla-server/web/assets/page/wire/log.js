// The exchanges of one chapter or lab, and which of them is looked at.

import { batch, computed, signal } from "../../vendor/preact.js";
import { ask } from "./ask.js";

/** @typedef {import("./ask.js").Asked} Asked */
/** @typedef {import("./ask.js").Exchange} Exchange */

/** More are not kept. */
const KEPT = 12;

export class Log {
  exchanges = signal(/** @type {Exchange[]} */ ([]));
  /** Counted from the first that is kept. */
  selected = signal(-1);
  /** The one that is looked at. */
  current = computed(() => this.exchanges.value[this.selected.value]);

  /**
   * Makes a request and shows it.
   *
   * @param {Asked} asked
   * @returns {Promise<Exchange>}
   */
  async ask(asked) {
    const exchange = await ask(asked);
    this.add(exchange);
    return exchange;
  }

  /** @param {Exchange} exchange */
  add(exchange) {
    batch(() => {
      this.exchanges.value = [...this.exchanges.value, exchange].slice(-KEPT);
      this.selected.value = this.exchanges.value.length - 1;
    });
  }
}
