// What stands in the way of somebody who does not see the page, or not well.

import assert from "node:assert/strict";
import axe from "axe-core";

/**
 * axe finds nothing.
 *
 * @param {import("playwright-core").Page} page
 */
export async function audit(page) {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document, { resultTypes: ["violations"] });
    return violations.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((/** @type {any} */ node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
  });
  assert.deepEqual(violations, []);
}
