// What is committed of others is what the script makes of the pinned packages.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const committed = fileURLToPath(new URL("../../../crates/bulla-server/web/assets/vendor/", import.meta.url));

test("the vendored files are those of the packages", () => {
  const made = mkdtempSync(join(tmpdir(), "bulla-vendor-"));
  try {
    execFileSync("node", [fileURLToPath(new URL("../scripts/vendor.mjs", import.meta.url)), made]);
    const names = readdirSync(made);
    assert.deepEqual([...names, "preact.d.ts"].sort(), readdirSync(committed).sort());
    for (const name of names) assert.ok(readFileSync(join(made, name)).equals(readFileSync(join(committed, name))), name);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
});
