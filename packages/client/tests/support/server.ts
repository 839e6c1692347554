import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

export const BINARY = process.env.BULLA_BIN ?? fileURLToPath(new URL("../../../../target/debug/bulla", import.meta.url));

export interface Server {
  readonly url: string;
  readonly folder: string;
  /** Waits for a letter to this address whose text matches, and returns what the pattern's group caught. */
  readonly letter: (to: string, pattern: RegExp) => Promise<string>;
  readonly end: () => Promise<void>;
}

/** A real `bulla serve`, in a folder of its own, maybe with a configuration file; without one it has its demo. */
export async function serve(configuration?: string, environment: Record<string, string> = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "bulla-client-"));
  if (configuration) writeFileSync(join(folder, "bulla.toml"), configuration);
  const listen = { BULLA__LISTEN__PUBLIC: "127.0.0.1:0", BULLA__LISTEN__ADMIN: "127.0.0.1:0" };
  const server = spawn(BINARY, ["serve", "--json"], {
    cwd: folder,
    env: { ...process.env, ...listen, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", () => reject(new Error("the server ended")));
    createInterface(server.stdout).once("line", resolve);
  });
  const listening = JSON.parse(line) as { public: string; admin: string };
  const mailbox = async () => {
    const answer = await fetch(`${listening.admin}/dev/mailbox`, { headers: { Accept: "application/json" } });
    return ((await answer.json()) as { letters: { to: string; text: string }[] }).letters;
  };
  return {
    url: listening.public,
    folder,
    letter: (to, pattern) =>
      vi.waitUntil(
        async () => {
          const texts = (await mailbox()).flatMap((letter) => (letter.to === to ? [letter.text] : []));
          return texts.map((text) => pattern.exec(text)?.[1]).find((found) => found);
        },
        { timeout: 20_000 },
      ) as Promise<string>,
    end: async () => {
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
