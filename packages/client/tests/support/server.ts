import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const BINARY = process.env.BULLA_BIN ?? fileURLToPath(new URL("../../../../target/debug/bulla", import.meta.url));

/** A real `bulla serve`, in a folder of its own, maybe with a configuration file. */
export async function serve(configuration?: string): Promise<{ url: string; folder: string; end: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "bulla-client-"));
  if (configuration) writeFileSync(join(folder, "bulla.toml"), configuration);
  const listen = { BULLA__LISTEN__PUBLIC: "127.0.0.1:0", BULLA__LISTEN__ADMIN: "127.0.0.1:0" };
  const server = spawn(BINARY, ["serve", "--json"], {
    cwd: folder,
    env: { ...process.env, ...listen },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", () => reject(new Error("the server ended")));
    createInterface(server.stdout).once("line", resolve);
  });
  const address = (JSON.parse(line) as { public: string }).public.replace(/^https?:\/\//, "");
  return {
    url: `http://${address}`,
    folder,
    end: async () => {
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
