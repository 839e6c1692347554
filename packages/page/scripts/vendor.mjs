// Makes what the page has from elsewhere, from the packages that package-lock.json pins: `npm run vendor [FOLDER]`. What it
// writes is committed, with the licences beside it: assets/vendor/ in the server's web folder.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const committed = fileURLToPath(new URL("../../../crates/bulla-server/web/assets/vendor/", import.meta.url));
const vendor = `${process.argv[2] ?? committed}/`;

/** What the page's own modules may import, all from one file: two copies of Preact would not know each other. */
const PREACT = `
  import { h } from "preact";
  import htm from "htm";
  export const html = htm.bind(h);
  export { render, Fragment } from "preact";
  export { useEffect, useId, useRef } from "preact/hooks";
  export { batch, computed, effect, signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
`;

const FONTS = {
  "young-serif.woff2": "@fontsource/young-serif/files/young-serif-latin-400-normal.woff2",
  "hanken-grotesk.woff2": "@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-wght-normal.woff2",
  "geist-mono.woff2": "@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2",
};

const LICENSES = {
  "preact.js": ["preact", "@preact/signals", "@preact/signals-core", "htm"],
  "young-serif.woff2": ["@fontsource/young-serif"],
  "hanken-grotesk.woff2": ["@fontsource-variable/hanken-grotesk"],
  "geist-mono.woff2": ["@fontsource-variable/geist-mono"],
};

const read = (/** @type {string} */ path) => readFileSync(`${root}node_modules/${path}`, "utf8");
const version = (/** @type {string} */ name) => JSON.parse(read(`${name}/package.json`)).version;

mkdirSync(vendor, { recursive: true });

const names = LICENSES["preact.js"].map((name) => `${name} ${version(name)}`).join(", ");
await build({
  stdin: { contents: PREACT, resolveDir: root },
  outfile: `${vendor}preact.js`,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  banner: { js: `// ${names}. Made by packages/page/scripts/vendor.mjs; licences in LICENSES.txt.` },
});
for (const [name, path] of Object.entries(FONTS)) copyFileSync(`${root}node_modules/${path}`, vendor + name);

const licenses = Object.entries(LICENSES).flatMap(([file, packages]) =>
  packages.map((name) => `${file}: ${name} ${version(name)}\n\n${read(`${name}/LICENSE`).trim()}\n`),
);
writeFileSync(`${vendor}LICENSES.txt`, licenses.join(`\n${"-".repeat(80)}\n\n`));
