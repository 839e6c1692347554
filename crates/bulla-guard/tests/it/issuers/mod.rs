//! Several issuers in one verifier.

mod cache;
mod claims;
mod encrypted;
mod own;
mod which;

use std::sync::Arc;

use bulla_guard::{
    issuer::{ClaimNames, TrustedIssuer},
    keys::KeySet,
    verifier::Verifier,
};
use bulla_jose::{
    jwa::Algorithm,
    jwt::{self, Audience, VerificationPolicy},
};
use serde_json::{Value, json};

use crate::issuer::{Issuer, NOW, after};

/// The name of the issuer that is trusted beside the own one.
const OTHER: &str = "https://other.example";

fn policy(name: &str) -> VerificationPolicy {
    policy_for(name, &[Algorithm::Es256])
}

fn policy_for(name: &str, algorithms: &[Algorithm]) -> VerificationPolicy {
    VerificationPolicy::new(
        jwt::Issuer::new(name).unwrap(),
        Audience::new("orders").unwrap(),
        &["JWT"],
        algorithms,
    )
}

fn trusted(name: &str, keys: Arc<KeySet>) -> TrustedIssuer {
    TrustedIssuer::new(keys, policy(name), ClaimNames::default())
}

/// An issuer of our own and another one, and a verifier that trusts both.
struct Two {
    own: Issuer,
    other: Issuer,
    other_keys: Arc<KeySet>,
    verifier: Verifier,
}

impl Two {
    fn new() -> Self {
        let (own, other) = (Issuer::new(), Issuer::new());
        let other_keys = Arc::new(KeySet::fixed(other.keys()));
        let trusted = trusted(OTHER, other_keys.clone());
        Self {
            verifier: own.verifier().trusting([trusted]).with_cache(1 << 20),
            own,
            other,
            other_keys,
        }
    }

    /// A good token of the other one, for a subject and a session that the own one has too.
    fn foreign_token(&self) -> String {
        self.other.sign_as("JWT", &foreign_claims())
    }
}

fn foreign_claims() -> Value {
    json!({
        "iss": OTHER, "sub": "usr_alice", "aud": "orders", "exp": after(900).as_seconds(),
        "iat": NOW.as_seconds(), "sid": "session-1", "jti": "token-1", "client_id": "bulla", "gen": 7, "epoch": 3,
    })
}

/// The same, but for these.
fn foreign_claims_with(changes: Value) -> Value {
    let mut claims = foreign_claims();
    let Value::Object(changes) = changes else {
        unreachable!("changes are an object")
    };
    claims.as_object_mut().unwrap().extend(changes);
    claims
}
