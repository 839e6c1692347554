// What was built: small, without dependencies, good for any runtime, and in step with the server.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { BINARY } from "./support/server.js";
// @ts-expect-error: a script
import { apiModule } from "../scripts/api.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { dependencies?: object; exports: object };

test("the core, bundled, minified and compressed, has at most 4 kB", async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["dist/index.js"],
    bundle: true,
    minify: true,
    format: "esm",
    external: ["./proof.js"],
    write: false,
  });
  expect(gzipSync(outputFiles[0]!.contents, { level: 9 }).length).toBeLessThanOrEqual(4_000);
});

test("nothing is needed at run time", () => {
  expect(manifest.dependencies).toBeUndefined();
});

test("every entry can be loaded and has its types", async () => {
  for (const { types, default: code } of Object.values(manifest.exports) as { types: string; default: string }[]) {
    expect(readFileSync(root + types, "utf8")).toContain("export");
    expect(Object.keys((await import(/* @vite-ignore */ root + code)) as object)).not.toHaveLength(0);
  }
});

test("the core names no module of Node.js", () => {
  const core = execFileSync(`${root}node_modules/.bin/esbuild`, ["dist/index.js", "--bundle", "--platform=neutral", "--external:./proof.js"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(core).not.toMatch(/from "node:|require\(/);
});

test("codes and types are those of the server", async () => {
  const openapi = execFileSync(BINARY, ["openapi"], { encoding: "utf8", maxBuffer: 1e8 });
  const written = readFileSync(`${root}src/api.ts`, "utf8");
  // Another wording is no other contract.
  const types = (text: string) => text.replace(/\/\*\*[^]*?\*\/|^\s+/gm, "");
  expect(types(written), "bulla openapi | node scripts/api.mjs > src/api.ts").toBe(types(await apiModule(openapi)));
});

test("those that sign somebody out are told by how they begin", () => {
  const codes = readFileSync(`${root}src/api.ts`, "utf8").match(/"(refresh|session|token_missing)\w*"/g);
  expect(codes?.sort()).toEqual(['"refresh_invalid"', '"refresh_reused"', '"session_expired"', '"session_revoked"', '"token_missing"']);
});
