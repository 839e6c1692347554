// What the server checks, in its order, and which code says that which check failed. The server tells the check that failed,
// by the `code` of its answer; that those before it passed follows from the order, which is fixed.

/** @typedef {import("./wire/ask.js").Exchange} Exchange */

/**
 * @typedef {object} Check
 * @property {string} title
 * @property {string} asks the question, in a few words
 * @property {string[]} codes what the answer says if it fails; none: it never refuses
 */

/** @typedef {"gateway" | "issuer" | "service"} Place */
/** @typedef {{ place: Place, title: string, checks: Check[] }} Group */
/** @typedef {"passed" | "failed" | "unreached"} Outcome */

/**
 * @param {string} title
 * @param {string} asks
 * @param {string[]} codes
 * @returns {Check}
 */
const check = (title, asks, ...codes) => ({ title, asks, codes });

/** What stands for `rate_limited` where the address is over its limit, not a plan: that is looked at before the token. */
const BY_ADDRESS = "rate_limited, by address";

/** @type {Group} */
const DOOR = {
  place: "gateway",
  title: "At the door",
  checks: [
    check("Request", "Can it be read in one way only?", "request_malformed"),
    // The paths of this page do: that something is not found there is said by whom they lead to.
    check("Route", "Does the path lead anywhere?", "method_not_allowed"),
    check("Pace", "Not too much from one address?", BY_ADDRESS),
    check("Address", "Is it banned?", "address_banned"),
  ],
};

/** @type {Group} */
const TOKEN = {
  place: "gateway",
  title: "The token",
  checks: [
    check("Presence", "Is there one?", "token_missing", "challenge_required"),
    check("Form", "Three parts, canonical base64url, JSON?", "token_malformed"),
    check("Algorithm", "One that this key does?", "token_algorithm_refused", "token_critical_unsupported"),
    check("Key", "Is the key known?", "token_key_unknown"),
    check("Signature", "Is the seal whole?", "token_signature_invalid"),
    check("Type", "An access token?", "token_type_mismatch"),
    check("Claims", "All there, of the right kind?", "token_claim_invalid"),
    check("Issuer", "Sealed by whom we trust?", "token_issuer_mismatch"),
    check("Audience", "Meant for this API?", "token_audience_mismatch"),
    check("Time", "Begun, and not ended?", "token_not_yet_valid", "token_expired"),
    check("Revocation", "Taken back since?", "token_revoked"),
  ],
};

/** @type {Group} */
const PERMISSION = {
  place: "gateway",
  title: "What it may do",
  checks: [
    check("Access", "Signed in, with the role?", "sign_in_required", "role_required", "scope_insufficient", "plan_required", "claim_required", "csrf_refused"),
    check("Limit", "Not too often?", "rate_limited"),
  ],
};

const FOUND = check("Object", "Is there such a one?", "not_found");

/** @type {Group} */
const SERVICE = {
  place: "service",
  title: "At the service",
  checks: [
    check("Body", "Something that it understands?", "field_unknown", "field_invalid", "content_type_unsupported", "body_too_large"),
    FOUND,
  ],
};

/**
 * What the issuer checks at one of its own paths.
 *
 * @param {...Check} checks
 * @returns {Group[]}
 */
const issuer = (...checks) => [DOOR, { place: "issuer", title: "At the issuer", checks }];

const FIELDS = check("Fields", "No unknown one, none missing?", "field_unknown", "field_invalid", "content_type_unsupported", "body_too_large");
const ORIGIN = check("Origin", "If by cookie, from a page that may?", "csrf_refused");
const TRIES = check("Tries", "Not too many from here?", "rate_limited");

/** Verified once more by the issuer and the demo, at paths that the gateway leaves open. */
const VERIFIED = TOKEN.checks.slice(1);

/** @type {Group} */
const ENVELOPE = {
  place: "service",
  title: "The envelope",
  checks: [
    check("Form", "Five parts, and an encryption that is in use?", "token_malformed"),
    check("Key", "Encrypted to this service?", "token_key_unknown"),
    check("Tag", "Not a letter changed?", "token_signature_invalid"),
  ],
};

/** @type {Record<string, Group[]>} */
const OWN = {
  "/auth/challenge": issuer(check("Welcome", "Are visitors without an account?", "challenge_invalid")),
  "/auth/anonymous": issuer(
    FIELDS,
    check("Challenge", "Made here, a minute old at most, all puzzles solved?", "challenge_invalid"),
  ),
  "/auth/register": issuer(
    ORIGIN,
    FIELDS,
    TRIES,
    check("Password", "Long enough, and not a common one?", "password_refused"),
    check("Name", "Still free?", "email_taken", "username_taken"),
  ),
  "/auth/login": issuer(ORIGIN, FIELDS, TRIES, check("Password", "Is it this account's?", "credentials_invalid")),
  "/auth/refresh": issuer(
    ORIGIN,
    FIELDS,
    check("MAC", "Made here, and whole?", "refresh_invalid"),
    check("Session", "Still open?", "session_revoked", "session_expired"),
    check("Generation", "Not older than the settled one?", "refresh_reused"),
  ),
  "/auth/logout": issuer(FIELDS, check("Token", "Whose session is it?", "token_missing", "token_malformed", "token_signature_invalid", "refresh_invalid")),
  "/oauth2/token": issuer(
    check("Form", "All that it takes, and nothing twice?", "invalid_request", "unsupported_grant_type"),
    TRIES,
    check("Client", "Is the secret its own?", "invalid_client", "unauthorized_client"),
    check("Scope", "One that it has?", "invalid_scope", "invalid_target"),
  ),
  "/auth/sessions": issuer(...TOKEN.checks, check("Access", "A user’s?", "sign_in_required"), FOUND),
  "/.well-known/jwks.json": issuer(),
  "/demo/encrypted/wrap": [DOOR, { place: "service", title: "The token", checks: VERIFIED }],
  "/demo/encrypted/read": [DOOR, ENVELOPE, { place: "service", title: "The token in it", checks: VERIFIED }],
};

/**
 * The checks that a request to this path passes, in their order.
 *
 * @param {string} path
 * @returns {Group[]}
 */
export function checksOf(path) {
  const [plain = ""] = path.split("?");
  return OWN[plain.replace(/^(\/auth\/sessions)\/.*/, "$1")] ?? [DOOR, TOKEN, PERMISSION, SERVICE];
}

/**
 * What became of each check.
 *
 * @param {Exchange} exchange
 * @returns {{ groups: { place: Place, title: string, checks: (Check & { outcome: Outcome })[] }[], reached: Place } | null}
 *   `null` if the answer does not tell: there was none, or its code is none of a check
 */
export function judge(exchange) {
  const groups = checksOf(exchange.path);
  const code = codeOf(exchange.answer);
  const isRefusal = exchange.status >= 400;
  const all = groups.flatMap(({ place, checks }) => checks.map((check) => ({ place, check })));
  const failed = isRefusal ? all.find(({ check }) => check.codes.includes(code)) : undefined;
  if (exchange.status === 0 || (isRefusal && !failed)) return null;
  let passing = true;
  const judged = groups.map(({ place, title, checks }) => ({
    place,
    title,
    checks: checks.map((check) => {
      /** @type {Outcome} */
      const outcome = check === failed?.check ? "failed" : passing ? "passed" : "unreached";
      passing &&= outcome !== "failed";
      return { ...check, outcome };
    }),
  }));
  return { groups: judged, reached: failed?.place ?? groups.at(-1)?.place ?? "gateway" };
}

/**
 * The code that says which check failed.
 *
 * @param {{ code?: string, limit?: { plan?: string, address?: string } } | null} answer
 */
function codeOf(answer) {
  const { code = "", limit } = answer ?? {};
  return code === "rate_limited" && limit?.address && !limit.plan ? BY_ADDRESS : code;
}
