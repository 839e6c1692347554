//! An issuer that every test app trusts besides its own.

use std::sync::{Arc, OnceLock};

use bulla_guard::{
    issuer::{ClaimNames, TrustedIssuer},
    keys::KeySet,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
};
use serde_json::json;

const NAME: &str = "https://other.example";

pub(super) fn trusted() -> TrustedIssuer {
    let keys = KeySet::fixed(JwkSet::new(vec![key().verifying_key().clone()]));
    let policy = VerificationPolicy::new(
        Issuer::new(NAME).unwrap(),
        Audience::new("api").unwrap(),
        &["at+jwt"],
        &[Algorithm::Es256],
    );
    TrustedIssuer::new(Arc::new(keys), policy, ClaimNames::default())
}

/// A good token of this issuer, for a subject and a session that are called like ours.
pub(crate) fn token(subject: &str, session: &str, now: UnixTime) -> String {
    let claims = json!({
        "iss": NAME, "aud": "api", "sub": subject, "sid": session, "client_id": "app", "jti": "t",
        "iat": now.as_seconds(), "exp": now.as_seconds() + 900, "roles": ["admin"],
    });
    jwt::sign(key(), "at+jwt", &claims).unwrap()
}

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(Algorithm::Es256).unwrap())
}
