//! Tokens of the one issuer that all tests know.

use std::sync::{Arc, OnceLock};

use bulla_guard::{keys::KeySet, revocation::RevocationSet, verifier::Verifier};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::{self, Audience, Issuer, VerificationPolicy},
};
use serde_json::{Value, json};

/// What the gateway's clock says in every test.
pub(crate) const NOW: u64 = 1_800_000_000;

const ISSUER: &str = "https://login.example";

fn key() -> &'static SigningKey {
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

pub(crate) fn verifier() -> Arc<Verifier> {
    let keys = KeySet::fixed(JwkSet::new(vec![key().verifying_key().clone()]));
    let policy = VerificationPolicy::new(
        Issuer::new(ISSUER).unwrap(),
        Audience::new("api").unwrap(),
        &["at+jwt"],
        &[Algorithm::Es256],
    );
    let verifier = Verifier::new(Arc::new(keys), policy, Arc::new(RevocationSet::new()));
    Arc::new(verifier.with_cache(1 << 20))
}
