// Runs the page's own modules, as the server hands them out, with the workers of Node in place of a browser's.
// Arguments: the folder of the modules, and where the server answers. Prints one JSON line.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker as NodeWorker } from "node:worker_threads";

const [folder, url] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)).href);
let working = 0;

globalThis.Worker = class {
  constructor(module) {
    const start = `
      const { parentPort, workerData } = require("node:worker_threads");
      globalThis.postMessage = (message) => parentPort.postMessage(message);
      globalThis.addEventListener = (_, heard) => parentPort.on("message", (data) => heard({ data }));
      import(workerData);`;
    this.worker = new NodeWorker(start, { eval: true, workerData: module.href });
    working += 1;
    this.worker.on("message", (data) => this.onmessage({ data }));
    this.worker.on("error", (error) => this.onerror(error));
    this.worker.on("exit", () => { working -= 1; });
  }
  postMessage(message) { this.worker.postMessage(message); }
  terminate() { return this.worker.terminate(); }
};

async function hashesAreThoseOfNode() {
  const { PrefixedSha256 } = await load("sha256.js");
  const bytes = Uint8Array.from({ length: 400 }, (_, index) => index * 7);
  let checked = 0;
  for (let begin = 0; begin <= 200; begin += 1) {
    const hash = new PrefixedSha256(bytes.subarray(0, begin));
    for (const end of [0, 1, 9, 16, 55, 3]) {
      const suffix = bytes.subarray(begin, begin + end);
      const words = Array.from(hash.hash(suffix, end), (word) => (word >>> 0).toString(16).padStart(8, "0"));
      const expected = createHash("sha256").update(bytes.subarray(0, begin + end)).digest("hex");
      if (words.join("") !== expected) throw new Error(`another hash at ${begin} + ${end}`);
      checked += 1;
    }
  }
  return checked;
}

async function solutionsAreTheSmallest() {
  const { solve } = await load("puzzle.js");
  const zeroBits = (text) => {
    const hash = createHash("sha256").update(text).digest();
    return hash[0] === 0 ? 8 + Math.clz32(hash[1]) - 24 : Math.clz32(hash[0]) - 24;
  };
  return [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].every((index) => {
    let smallest = 0;
    while (zeroBits(`a challenge.${index}.${smallest}`) < 10) smallest += 1;
    return solve("a challenge", index, 10) === smallest;
  });
}

const { anonymousSession, HandshakeRefused, solveInWorker } = await load("handshake.js");

async function abortedAfterTheFirstPuzzle() {
  const controller = new AbortController();
  let told = 0;
  const onProgress = () => { told += 1; controller.abort(); };
  const endless = { challenge: "endless", puzzles: 1000, difficulty: 12 };
  try {
    await solveInWorker(endless, controller.signal, onProgress);
    return "solved";
  } catch (error) {
    return `${error.name} after ${told}`;
  }
}

async function refused() {
  try {
    await anonymousSession({ url: `${url}/nothing` });
    return "accepted";
  } catch (error) {
    return error instanceof HandshakeRefused ? `${error.status} ${error.code}` : String(error);
  }
}

const hashes = await hashesAreThoseOfNode();
const smallest = await solutionsAreTheSmallest();
const shares = [];
const first = await anonymousSession({ url, onProgress: (share) => shares.push(share * 16) });
const renewed = await anonymousSession({ url, token: first.access_token });
const aborted = await abortedAfterTheFirstPuzzle();
const no = await refused();
while (working > 0) await new Promise((resolve) => { setImmediate(resolve); });
console.log(JSON.stringify({ hashes, smallest, shares, first, renewed, aborted, refused: no }));
