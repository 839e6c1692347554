// The page beside servers that sign in another way than by default: what it says is right there too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chapter, leave, library, told } from "./support/reader.mjs";

/** An algorithm; what its confusion with HS256 is refused for; and what the browser makes of the key, its algorithm and the seal. */
const ALGORITHMS = /** @type {const} */ ([
  ["RS256", "token_algorithm_refused", ["passed", "passed", "passed"]],
  ["HS256", "token_signature_invalid", ["unreached", "unreached", "unreached"]],
  ["ML-DSA-44", "token_algorithm_refused", ["passed", "passed", "unreached"]],
]);

for (const [algorithm, code, outcomes] of ALGORITHMS) {
  const { open } = library({ BULLA__TOKENS__ALGORITHM: algorithm });

  test(`${algorithm}: forgeries are refused, and the seal is checked as far as it can be`, async () => {
    const page = await open();
    const verify = await chapter(page, "What is verified?");
    await verify.press("Send to /contact");
    await told(verify, "200 OK");
    await verify.press("alg: HS256");
    await told(verify, `401 ${code}`);
    await verify.press("Another key");
    await told(verify, "401 token_signature_invalid");
    const anatomy = await chapter(page, "What is in a token?");
    await anatomy.press("Check it here");
    const checks = anatomy.checked.locator("h4:text('In your browser') + ol li");
    await checks.first().waitFor();
    assert.deepEqual(await checks.evaluateAll((items) => items.map((item) => item.getAttribute("data-outcome"))), outcomes);
    await leave(page);
  });
}
