// A token in each of three places, and what becomes of it there.

import { computed, signal } from "../../../vendor/preact.js";
import { accepted, ask, said } from "../../wire/ask.js";
import { Account, Session } from "../../wire/session.js";
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

/** What the script took. */
export const taken = signal(/** @type {Row | null} */ (null));
/** What it is worth elsewhere. */
export const atHome = signal(/** @type {Row | null} */ (null));
/** What the script does in the page itself. */
export const inPage = signal(/** @type {Row | null} */ (null));
/** What another site achieves that this browser counts as a neighbour: it has the cookie, and no more. */
export const neighbour = signal(/** @type {Row | null} */ (null));

/** The sessions whose tokens are kept; the cookie's own is not known to this page. */
const kept = signal(/** @type {{ storage: Session, variable: Session } | null} */ (null));
export const isKept = computed(() => kept.value !== null);

const account = new Account();
const KEY = "bulla-lab";
const MEANT = { "X-Bulla-CSRF": "1" };
const PROFILE = "/api/profile";

/** Signs in three times, and keeps what comes in three places. What went wrong; `null`: nothing. */
export async function keepEach() {
  const [first, second] = [await account.open(ask), await account.open(ask)];
  const third = await ask({ path: "/auth/login", body: { ...account.credentials, mode: "cookie" }, headers: MEANT, cookies: "same-origin" });
  const failed = [first, second, third].find((exchange) => !accepted(exchange));
  if (failed) return said(failed);
  kept.value = { storage: new Session(first.answer), variable: new Session(second.answer) };
  addEventListener("pagehide", clear, { once: true });
  for (const row of [taken, atHome, inPage, neighbour]) row.value = null;
  try {
    localStorage.setItem(KEY, kept.value.storage.token);
  } catch {
    return "This browser keeps nothing for this page: localStorage is switched off. The other two are kept.";
  }
  const byCookie = await ask({ path: PROFILE, cookies: "same-origin" });
  return accepted(byCookie) ? null : `This browser does not keep Secure cookies of this address (${said(byCookie)}). The other two are kept.`;
}

/** What has ended by itself shows nothing of the place where it was. */
async function renew() {
  if ((kept.value?.storage.left ?? Infinity) < 5) await keepEach();
}

/** Lets the smuggled script run while the page makes a request of its own, and then uses what it has. */
export async function smuggle() {
  await renew();
  /** @type {Loot} */
  const loot = { storage: null, variable: null, cookie: "" };
  const end = smuggled(loot);
  await ask({ path: PROFILE, token: kept.value?.variable.token });
  end();
  taken.value = {
    storage: read(loot.storage),
    variable: read(loot.variable),
    cookie: { isBad: false, said: loot.cookie.includes("bulla_access") ? loot.cookie : "document.cookie does not have it" },
  };
  const stolen = loot.variable?.replace("Bearer ", "");
  const [fromStorage, fromVariable, fromNothing, byCookie] = await Promise.all([
    ask({ path: PROFILE, token: loot.storage ?? undefined }),
    ask({ path: PROFILE, token: stolen }),
    ask({ path: PROFILE }),
    ask({ path: PROFILE, cookies: "same-origin" }),
  ]);
  atHome.value = { storage: use(fromStorage), variable: use(fromVariable), cookie: use(fromNothing) };
  inPage.value = { storage: use(fromStorage), variable: use(fromVariable), cookie: use(byCookie) };
}

/** What a form of a neighbour can do: the browser adds the cookie, and nothing else; above all no header. */
export async function sendAsNeighbour() {
  await renew();
  const body = { message: "Sent by a form of a neighbour." };
  const [without, byCookie] = await Promise.all([ask({ path: "/contact", body }), ask({ path: "/contact", body, cookies: "same-origin" })]);
  neighbour.value = { storage: use(without), variable: use(without), cookie: use(byCookie) };
}

/** Forgets all of it, here and at the server. What went wrong; `null`: nothing. */
export async function clear() {
  const tokens = Object.values(kept.value ?? {}).map(({ token }) => token);
  kept.value = null;
  // It is another tab's by now, if that kept one after this.
  try {
    if (tokens.includes(localStorage.getItem(KEY) ?? "")) localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept there.
  }
  const leave = (/** @type {RequestInit} */ how) => fetch("/auth/logout", { method: "POST", keepalive: true, ...how }).then(({ ok }) => ok, () => false);
  const left = await Promise.all([
    leave({ credentials: "same-origin", headers: MEANT }),
    ...tokens.map((token) => leave({ credentials: "omit", headers: { Authorization: `Bearer ${token}` } })),
  ]);
  const open = left.filter((is) => !is).length;
  return open ? `Forgotten here. The server ended ${left.length - open} of ${left.length} sessions.` : null;
}

/** @param {string | null} loot */
function read(loot) {
  return loot ? { isBad: true, said: `${loot.slice(0, loot.startsWith("Bearer") ? 21 : 14)}…` } : { isBad: false, said: "nothing there any more" };
}

/** @param {Exchange} exchange */
function use(exchange) {
  const isBad = accepted(exchange);
  return { isBad, said: isBad ? "accepted" : "refused", code: said(exchange) };
}
