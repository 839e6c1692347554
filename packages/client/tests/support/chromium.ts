// Debian's Chromium, started once for a file's tests; each test has a profile of its own.

import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";

/** A name of this machine that is another site than `localhost`. */
export const ELSEWHERE = "attacker.example";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`];
/** A condition that is not met by then never is. */
const PATIENCE = 20_000;

export interface Profile {
  readonly context: BrowserContext;
  /** A tab that shows this page. */
  readonly open: (url: string) => Promise<Page>;
}

/** Returns what makes a new profile. */
export function chromiumForTests(): () => Promise<Profile> {
  let browser: Awaited<ReturnType<typeof chromium.launch>>;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  }, 60_000);
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(() => browser?.close());
  return async () => {
    const context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE);
    contexts.push(context);
    const open = async (url: string) => {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    };
    return { context, open };
  };
}

/** What a script gets for a request: `status` and `body`, or `failed`. */
export interface Heard {
  readonly status?: number;
  readonly body?: Record<string, unknown> | null;
  readonly text?: string;
  readonly failed?: string;
}

/** Asks by a script of the page. */
export function ask(page: Page, method: string, path: string, options: RequestInit & { json?: object } = {}): Promise<Heard> {
  const { json, ...init } = options;
  const body = json && { body: JSON.stringify(json), headers: { "Content-Type": "application/json", ...init.headers } };
  return page.evaluate(
    async ({ path, init }) => {
      try {
        const answer = await fetch(path, init);
        const text = await answer.text();
        return { status: answer.status, text, body: text.startsWith("{") ? JSON.parse(text) : null };
      } catch (error) {
        return { failed: String(error) };
      }
    },
    { path, init: { method, ...init, ...body } as Pick<RequestInit, "method" | "headers" | "mode" | "credentials"> },
  );
}
