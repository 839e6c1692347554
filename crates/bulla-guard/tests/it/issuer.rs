//! An issuer with one key, and a verifier that trusts it.

use std::sync::Arc;

use bulla_guard::{
    keys::KeySet, revocation::RevocationSet, verified::Verified, verifier::Verifier,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::{self, Audience, UnixTime, VerificationPolicy},
};
use serde_json::{Value, json};

/// When the tokens of [`claims`] were issued. They live for 900 s.
pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);

pub(crate) const fn after(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(NOW.as_seconds() + seconds)
}

pub(crate) struct Issuer {
    pub(crate) key: SigningKey,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self::of(Algorithm::Es256)
    }

    pub(crate) fn of(algorithm: Algorithm) -> Self {
        Self {
            key: SigningKey::generate(algorithm).unwrap(),
        }
    }

    pub(crate) fn keys(&self) -> JwkSet {
        JwkSet::new(vec![self.key.verifying_key().clone()])
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as("at+jwt", claims)
    }

    pub(crate) fn sign_as(&self, typ: &str, claims: &Value) -> String {
        jwt::sign(&self.key, typ, claims).unwrap()
    }

    /// A verifier with this issuer's keys and no revocations.
    pub(crate) fn verifier(&self) -> Verifier {
        verifier(Arc::new(KeySet::fixed(self.keys())))
    }

    /// The principal of a token with these claims.
    pub(crate) fn principal(&self, claims: &Value) -> Verified {
        self.verifier().verify(&self.sign(claims), NOW).unwrap()
    }
}

pub(crate) fn verifier(keys: Arc<KeySet>) -> Verifier {
    let policy = VerificationPolicy::new(
        jwt::Issuer::new("https://issuer.example").unwrap(),
        Audience::new("api").unwrap(),
        &["at+jwt"],
        &[Algorithm::Es256],
    );
    Verifier::new(keys, policy, Arc::new(RevocationSet::new()))
}

/// The claims of an ordinary access token.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://issuer.example",
        "sub": "usr_alice",
        "aud": "api",
        "client_id": "bulla",
        "iat": NOW.as_seconds(),
        "exp": after(900).as_seconds(),
        "jti": "token-1",
        "sid": "session-1",
        "gen": 7,
        "epoch": 3,
        "scope": "orders:read orders:write",
        "roles": ["user", "editor"],
        "plan": "free",
        "team_id": "t42",
    })
}

/// The same, but for these.
pub(crate) fn claims_with(changes: Value) -> Value {
    let mut claims = claims();
    let Value::Object(changes) = changes else {
        unreachable!("changes are an object")
    };
    claims.as_object_mut().unwrap().extend(changes);
    claims
}

/// The same, but for one that is missing.
pub(crate) fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name).unwrap();
    claims
}
