// A token in each of three places, and what becomes of it there.

import { signal } from "../../../vendor/preact.js";
import { accepted, ask } from "../../wire/ask.js";
import { account, open } from "../../wire/session.js";
import { smuggled } from "./smuggled.js";

/** @typedef {import("../../wire/ask.js").Exchange} Exchange */
/** @typedef {import("./smuggled.js").Loot} Loot */
/** @typedef {"storage" | "variable" | "cookie"} Place */

/**
 * What an attack came to, in one of the places.
 *
 * @typedef {object} Outcome
 * @property {boolean} isBad for who kept the token there
 * @property {string} said
 * @property {string} [code] what the server said
 */

/** @typedef {Record<Place, Outcome>} Row */

export const isKept = signal(false);
/** What the script took. */
export const taken = signal(/** @type {Row | null} */ (null));
/** What it is worth elsewhere. */
export const atHome = signal(/** @type {Row | null} */ (null));
/** What the script does in the page itself. */
export const inPage = signal(/** @type {Row | null} */ (null));
/** What another site achieves. */
export const elsewhere = signal(/** @type {Row | null} */ (null));

let variable = "";

const MEANT = { "X-Bulla-CSRF": "1" };
const PROFILE = "/api/profile";

/** Signs in three times, and keeps what comes in three places. What went wrong; `null`: nothing. */
export async function keepEach() {
  const [first, second] = [await open(ask), await open(ask)];
  const third = await ask({ path: "/auth/login", body: { ...account.value, mode: "cookie" }, headers: MEANT, cookies: "same-origin" });
  const failed = [first, second, third].find((exchange) => !accepted(exchange));
  if (failed) return codeOf(failed);
  localStorage.setItem("bulla-lab", first.answer.access_token);
  variable = second.answer.access_token;
  addEventListener("pagehide", clear, { once: true });
  isKept.value = true;
  for (const row of [taken, atHome, inPage, elsewhere]) row.value = null;
  return null;
}

/** Lets the smuggled script run while the page makes a request of its own, and then uses what it has. */
export async function smuggle() {
  /** @type {Loot} */
  const loot = { storage: null, variable: null, cookie: "" };
  const end = smuggled(loot);
  await ask({ path: PROFILE, token: variable });
  end();
  taken.value = {
    storage: { isBad: true, said: `${loot.storage?.slice(0, 14)}…` },
    variable: { isBad: true, said: `${loot.variable?.slice(0, 21)}…` },
    cookie: { isBad: false, said: loot.cookie.includes("bulla_access") ? loot.cookie : "document.cookie does not have it" },
  };
  const stolen = loot.variable?.replace("Bearer ", "");
  const [fromStorage, fromVariable, fromNothing] = await Promise.all([
    ask({ path: PROFILE, token: loot.storage ?? undefined }),
    ask({ path: PROFILE, token: stolen }),
    ask({ path: PROFILE }),
  ]);
  atHome.value = { storage: use(fromStorage), variable: use(fromVariable), cookie: use(fromNothing) };
  const byCookie = await ask({ path: PROFILE, cookies: "same-origin" });
  inPage.value = { storage: use(fromStorage), variable: use(fromVariable), cookie: use(byCookie) };
}

/** What a form of another site can do: the browser adds the cookie, and nothing else; above all no header. */
export async function sendAsOther() {
  const body = { message: "Sent by a form on another site." };
  const [without, byCookie] = await Promise.all([ask({ path: "/contact", body }), ask({ path: "/contact", body, cookies: "same-origin" })]);
  elsewhere.value = { storage: use(without), variable: use(without), cookie: use(byCookie) };
}

/** Forgets all of it, here and at the server. */
export async function clear() {
  localStorage.removeItem("bulla-lab");
  isKept.value = false;
  const options = /** @type {const} */ ({ method: "POST", headers: MEANT, credentials: "same-origin", keepalive: true });
  await fetch("/auth/logout", options).catch(() => {});
}

/** @param {Exchange} exchange */
function use(exchange) {
  const isBad = accepted(exchange);
  return { isBad, said: isBad ? "accepted" : "refused", code: codeOf(exchange) };
}

/** @param {Exchange} exchange */
const codeOf = ({ status, answer, reason }) => (answer?.code ? `${status} ${answer.code}` : String(status || reason));
