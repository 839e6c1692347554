// What each member of a token means: RFC 7519 (JWT), RFC 7515 (JWS), RFC 9068 (access tokens), and Bulla's own.

/** @type {Record<string, string>} */
export const HEADER = {
  alg: "Algorithm: how it is sealed. The verifier compares it with its key, and never obeys it.",
  kid: "Key ID: which of the issuer's keys.",
  typ: "Type: at+jwt is an access token, so that no other kind passes for one.",
  cty: "Content type: what is inside, if it is a token again.",
  crit: "Critical: extensions that must be understood, or the token is refused.",
  jku: "Where the signer says that its keys are. Believing it would let anybody bring a key.",
  jwk: "The signer's key. Believing it would let anybody bring one.",
  x5c: "The signer's certificates.",
  x5t: "Which certificate, by its hash.",
  enc: "How the content is encrypted.",
};

/** @type {Record<string, string>} */
export const PAYLOAD = {
  iss: "Issuer: who sealed it.",
  sub: "Subject: whom it is about. Never used again for somebody else.",
  aud: "Audience: which API it is meant for. Others refuse it.",
  exp: "Expires at: from this second on it is over.",
  nbf: "Not before: earlier it is refused.",
  iat: "Issued at: when it was sealed.",
  jti: "Token ID: unlike that of any other token.",
  client_id: "Client: by which program. bulla is the built-in login.",
  sid: "Session: a logout ends every token that names it.",
  gen: "Generation of the refresh token that it came with.",
  epoch: "The account's count of sudden changes. Tokens with an older one are refused.",
  scope: "Scope: what the client may do, in words with spaces between.",
  roles: "Roles that the account had when it was sealed.",
  plan: "Plan: how much may be used.",
  anon: "Anonymous: a visitor without an account.",
  name: "What to call them.",
  email: "Their address, as far as the issuer knows.",
  username: "The name that they sign in with.",
  azp: "Authorized party: the client it was made for.",
  auth_time: "When they signed in.",
  acr: "How they signed in, by class.",
  amr: "How they signed in, by method.",
  nonce: "A number of the client's own, so that it knows its answer.",
  cnf: "Confirmation: the key that its holder must have.",
  act: "Actor: who acts for the subject.",
  at_hash: "Hash of the access token beside it.",
  groups: "Groups the account is in.",
  permissions: "What it may do.",
};

/** Said of everything else. */
export const UNKNOWN = "The issuer's own: only it can say.";

/** Seconds since 1970. */
export const TIMES = new Set(["exp", "nbf", "iat", "auth_time"]);
