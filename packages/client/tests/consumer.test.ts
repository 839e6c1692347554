// What those get who install the package: what is in it, types for each way to resolve them, and examples that compile.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const ENTRIES = ["@bulla/client", "@bulla/client/account", "@bulla/client/axios", "@bulla/client/react", "@bulla/client/server"];
/** What the examples take for granted. */
const GIVEN = `
declare const email: string, password: string, token: string, jwt: string, id: string, url: string, method: string, path: string;
declare const current_password: string, new_password: string, code: string, body: string;
declare const bulla: import("@bulla/client").Client, axios: import("axios").AxiosStatic;
declare const signal: AbortSignal, request: Request, headers: Headers, onProgress: (share: number) => void, show: (event: string) => void;
`;

let project: string;
let files: string[];

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "bulla-consumer-"));
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, "@bulla/client"), { recursive: true });
  // The package as it is: the tests' build is in dist.
  const packed = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], { cwd: root });
  const [{ filename, files: listed }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
  files = listed.map(({ path }) => path);
  await run("tar", ["xzf", join(project, filename), "--strip-components=1", "-C", join(modules, "@bulla/client")]);
  for (const name of ["axios", "react", "@types"]) symlinkSync(join(root, "node_modules", name), join(modules, name));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  writeFileSync(join(project, "given.d.ts"), "");
}, 60_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** What the compiler says of modules, in a project that resolves them so; nothing, if they are right. */
async function compiled(texts: string[], resolution: object): Promise<string> {
  const names = texts.map((_, index) => `example-${index}.ts`);
  for (const [index, text] of texts.entries()) writeFileSync(join(project, names[index]!), text);
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    ...resolution,
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [...names, "given.d.ts"] }));
  try {
    return (await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], { cwd: project })).stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const BUNDLER = { module: "ESNext", moduleResolution: "Bundler" };
const NODE16 = { module: "Node16", moduleResolution: "Node16" };
const USE = `
${ENTRIES.map((entry, index) => `import * as entry${index} from "${entry}";`).join("\n")}
const bulla: entry0.Client = entry0.createClient({ url: "https://api.example.com" });
const session: entry0.Session | null = entry3.useSession(bulla);
const sessions: Promise<readonly entry1.SessionLine[]> = entry1.sessions(bulla);
const rendered: Promise<entry0.Session | null> = entry4.createServerClient({ url: "x", request: { headers: new Headers() } }).session();
// @ts-expect-error: no name
bulla.signIn({ password: "x" });
export { session, sessions, rendered, entry2 };
`;

test("the package holds what was built, its README and its licences, and nothing else", () => {
  expect(files.filter((path) => !path.startsWith("dist/")).sort()).toEqual(["README.md", "package.json"]);
  expect(files.filter((path) => !/^dist\/[\w-]+\.(js|d\.ts)$/.test(path) && path.startsWith("dist/")).sort()).toEqual(["dist/LICENSE-APACHE", "dist/LICENSE-MIT"]);
});

test.each([
  ["a bundler", BUNDLER],
  ["Node.js", NODE16],
  ["Node.js, without a browser's types", { ...NODE16, lib: ["ES2022"], types: ["node"] }],
])("every entry has its types for %s", async (_name, resolution) => {
  expect(await compiled([USE], resolution)).toBe("");
});

test("every entry can be imported, and nothing beside them", async () => {
  const load = (entry: string) => run(process.execPath, ["--input-type=module", "-e", `await import("${entry}")`], { cwd: project });
  for (const entry of ENTRIES) await load(entry);
  await expect(load("@bulla/client/wire")).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
});

test.each(["README.md", "../../docs/client.md"])("the examples compile: %s", async (file) => {
  const blocks = [...readFileSync(root + file, "utf8").matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, block]) => block as string);
  expect(blocks.length).toBeGreaterThan(1);
  writeFileSync(join(project, "given.d.ts"), GIVEN);
  expect(await compiled(blocks, BUNDLER)).toBe("");
});

test("a program for Node.js ends when it has nothing else to do", async () => {
  const program = `
    import { createClient } from "@bulla/client";
    const answer = { access_token: "a", refresh_token: "r", expires_in: 900, session: { id: "s" }, user: { id: "u", roles: [] } };
    const bulla = createClient({ url: "https://api.example", mode: "token", fetch: async () => Response.json(answer) });
    console.log((await bulla.signIn({ username: "ada", password: "x" })).id);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: project, timeout: 60_000 });
  expect(stdout).toBe("s\n");
});
