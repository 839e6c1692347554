// A headless Chromium, driven over the pipe that it offers for it (Chrome DevTools Protocol): JSON messages, each ended by
// a zero byte.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Chromium {
  #process;
  #ended;
  #profile = mkdtempSync(join(tmpdir(), "bulla-chromium-"));
  #last = 0;
  #asked = new Map();
  #awaited = [];

  /** Starts one in which `host` is this machine too. */
  constructor(host) {
    this.#process = spawn(
      "chromium",
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
        "--no-first-run",
        `--host-resolver-rules=MAP ${host} 127.0.0.1`,
        `--user-data-dir=${this.#profile}`,
        "--remote-debugging-pipe",
      ],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    this.#ended = new Promise((done) => {
      this.#process.on("error", (error) => done(this.#fail(error)));
      this.#process.on("exit", (code) => done(this.#fail(new Error(`Chromium ended: ${code}`))));
    });
    let rest = "";
    this.#process.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  async end() {
    this.ask("Browser.close").catch(() => {});
    await this.#ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  ask(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  /** The next event of this name in this session. */
  next(method, sessionId) {
    return new Promise((resolve, reject) => this.#awaited.push({ method, sessionId, resolve, reject }));
  }

  /** A tab that shows this URL. */
  async open(url) {
    const { targetId } = await this.ask("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.ask("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    await page.ask("Page.enable");
    await page.go(url);
    return page;
  }

  #receive({ id, method, sessionId, params, result, error }) {
    if (id !== undefined) {
      const { resolve, reject } = this.#asked.get(id);
      this.#asked.delete(id);
      if (error) reject(new Error(error.message));
      else resolve(result);
      return;
    }
    const isIt = (one) => one.method === method && one.sessionId === sessionId;
    this.#awaited.filter(isIt).forEach((one) => one.resolve(params));
    this.#awaited = this.#awaited.filter((one) => !isIt(one));
  }

  #fail(error) {
    for (const { reject } of [...this.#asked.values(), ...this.#awaited]) reject(error);
  }
}

class Page {
  constructor(chromium, session) {
    this.chromium = chromium;
    this.session = session;
  }

  ask(method, params) {
    return this.chromium.ask(method, params, this.session);
  }

  /** Shows another page. */
  go(url) {
    return this.lead(() => this.ask("Page.navigate", { url }));
  }

  /** Does what leads to another page, and waits until that is there. */
  async lead(act) {
    const loaded = this.chromium.next("Page.loadEventFired", this.session);
    await act();
    await loaded;
  }

  /** What the function returns that the page runs with these arguments. */
  async run(script, ...values) {
    const expression = `(${script})(${values.map((value) => JSON.stringify(value)).join(", ")})`;
    const options = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.ask("Runtime.evaluate", options);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Status and body of what a page's script gets for a request. */
  fetch(method, path, { body, headers = {}, ...rest } = {}) {
    const options = { method, headers: { ...headers }, ...rest };
    if (body !== undefined) {
      options.body = JSON.stringify(body);
      options.headers["Content-Type"] ??= "application/json";
    }
    return this.run(
      async (path, options) => {
        try {
          const answer = await fetch(path, options);
          const text = await answer.text();
          return { status: answer.status, text, body: text.startsWith("{") ? JSON.parse(text) : null };
        } catch (error) {
          return { failed: String(error) };
        }
      },
      path,
      options,
    );
  }

  /** The cookies that the browser has for a URL. */
  async cookies(url) {
    return (await this.ask("Network.getCookies", { urls: [url] })).cookies;
  }
}
