// Builds dist/: one ES module per entry, and their types.

import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    ...Object.fromEntries(["index", "account", "react", "axios", "server", "proof"].map((name) => [name, `src/${name}.ts`])),
    "proof-worker": "../../crates/bulla-server/web/assets/handshake-worker.js",
  },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  packages: "external",
});
execFileSync("node_modules/.bin/tsc", ["--project", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) copyFileSync(`${root}../../${licence}`, `${root}dist/${licence}`);
