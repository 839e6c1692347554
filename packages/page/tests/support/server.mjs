// A real `bulla serve` without a configuration file, in a folder of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BINARY = process.env.BULLA_BIN ?? fileURLToPath(new URL("../../../../target/debug/bulla", import.meta.url));
const ANYWHERE = { BULLA__LISTEN__PUBLIC: "127.0.0.1:0", BULLA__LISTEN__ADMIN: "127.0.0.1:0" };

/**
 * @param {Record<string, string>} [environment]
 * @returns {Promise<{ url: string, end: () => Promise<void> }>} where it answers
 */
export async function serve(environment) {
  const folder = mkdtempSync(join(tmpdir(), "bulla-page-"));
  const server = spawn(BINARY, ["serve", "--json"], {
    cwd: folder,
    env: { ...process.env, ...ANYWHERE, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(server, "exit");
  const line = once(createInterface(server.stdout), "line");
  const early = ended.then(() => Promise.reject(new Error(`${BINARY} ended`)));
  const [text] = await Promise.race([line, early]);
  early.catch(() => {});
  return {
    url: JSON.parse(text).public,
    end: async () => {
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
