//! Tokens of the one issuer that all tests know.

use std::sync::{Arc, OnceLock};

use bulla_guard::{
    issuer::{ClaimNames, TrustedIssuer},
    keys::KeySet,
    revocation::RevocationSet,
    verifier::Verifier,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::{self, Audience, Issuer, VerificationPolicy},
};
use serde_json::{Value, json};

/// What the gateway's clock says in every test.
pub(crate) const NOW: u64 = 1_800_000_000;

const ISSUER: &str = "https://login.example";

/// The name of the issuer that [`trusting_verifier`] trusts beside it.
const OTHER: &str = "https://other.example";

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(Algorithm::Es256).unwrap())
}

fn foreign_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(Algorithm::Es256).unwrap())
}

/// The claims of a good token.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "api", "sub": "usr_1", "client_id": "bulla", "iat": NOW, "exp": NOW + 900,
        "jti": "tok_1", "sid": "ses_1", "gen": 7, "epoch": 1, "scope": "read write", "roles": ["user", "editor"],
        "plan": "free",
    })
}

/// The claims, signed.
pub(crate) fn token(claims: &Value) -> String {
    jwt::sign(key(), "at+jwt", claims).unwrap()
}

/// A token whose payload is not the one that was signed.
pub(crate) fn tampered_token() -> String {
    let good = token(&claims());
    let mut parts: Vec<&str> = good.split('.').collect();
    let other = token(&json!({ "sub": "usr_2" }));
    parts[1] = other.split('.').nth(1).unwrap();
    parts.join(".")
}

/// The claims of a good token of another issuer: for a subject and a session that ours has too.
pub(crate) fn foreign_claims() -> Value {
    let mut claims = claims();
    claims["iss"] = OTHER.into();
    claims
}

/// The claims, signed by the other issuer.
pub(crate) fn foreign_token(claims: &Value) -> String {
    jwt::sign(foreign_key(), "at+jwt", claims).unwrap()
}

/// As [`verifier`], and it trusts the other issuer too.
pub(crate) fn trusting_verifier() -> Arc<Verifier> {
    let keys = KeySet::fixed(JwkSet::new(vec![foreign_key().verifying_key().clone()]));
    let other = TrustedIssuer::new(Arc::new(keys), policy(OTHER), ClaimNames::default());
    Arc::new(own_verifier().trusting([other]).with_cache(1 << 20))
}

pub(crate) fn verifier() -> Arc<Verifier> {
    Arc::new(own_verifier().with_cache(1 << 20))
}

fn policy(issuer: &str) -> VerificationPolicy {
    VerificationPolicy::new(
        Issuer::new(issuer).unwrap(),
        Audience::new("api").unwrap(),
        &["at+jwt"],
        &[Algorithm::Es256],
    )
}

fn own_verifier() -> Verifier {
    let keys = KeySet::fixed(JwkSet::new(vec![key().verifying_key().clone()]));
    Verifier::new(
        Arc::new(keys),
        policy(ISSUER),
        Arc::new(RevocationSet::new()),
    )
}
