//! What is fuzzed: one function for each parser. No input may panic, and what is accepted must be what it claims to be.
//!
//! `fuzz/` at the root of the repository feeds them with libFuzzer, [`super`] with seeded mutations of the same seeds.

use std::sync::LazyLock;

use bulla_jose::{
    base64url,
    json::{self, Limits},
    jwa::Algorithm,
    jwk::{JwkSet, KeyId, SigningKey, VerifyingKey},
    jws,
    jwt::{self, Audience, Issuer, UnixTime, UnverifiedJwt, VerificationPolicy},
};
use serde_json::Value;

/// A target and the name of its folder of seeds.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const TARGETS: [Target; 5] = [
    ("base64url", base64url),
    ("json", json),
    ("jwk_set", jwk_set),
    ("token", token),
    ("claims", claims),
];

const NOW: u64 = 1_800_000_000;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key_id = KeyId::new("k1").expect("a key ID");
    let secret = b"0123456789abcdef0123456789abcdef";
    SigningKey::from_private_bytes(Algorithm::Hs256, key_id, secret).expect("a key")
});

/// Every text that is decoded is the only one for its bytes.
pub(crate) fn base64url(data: &[u8]) {
    if let Ok(bytes) = base64url::decode(data) {
        assert_eq!(base64url::encode(&bytes).as_bytes(), data);
    }
    let text = base64url::encode(data);
    assert_eq!(base64url::decode(text.as_bytes()).as_deref(), Ok(data));
}

/// Strict JSON is JSON.
pub(crate) fn json(data: &[u8]) {
    let strict = json::check(data, Limits::CLAIMS);
    if let Ok(text) = strict {
        assert_eq!(text.as_bytes(), data);
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
    }
    if let Ok(value) = json::from_slice::<Value>(data, Limits::CLAIMS) {
        assert!(strict.is_ok());
        let again = serde_json::to_vec(&value).expect("a value has a text");
        assert!(json::check(&again, Limits::CLAIMS).is_ok());
    }
}

/// What was read from a set can be published and read again.
pub(crate) fn jwk_set(data: &[u8]) {
    let _ = VerifyingKey::from_jwk(data);
    let _ = SigningKey::from_jwk(data);
    let _ = JwkSet::parse(data, &[]);
    let Ok(keys) = JwkSet::parse_with_secrets(data, &[]) else {
        return;
    };
    let public = |keys: &JwkSet| {
        let published = |key: &&VerifyingKey| key.public_jwk().is_some();
        keys.keys().iter().filter(published).count()
    };
    let again = JwkSet::parse(keys.public_json().as_bytes(), &[]).expect("our own set");
    assert_eq!(
        (again.keys().len(), again.skipped().len()),
        (public(&keys), 0)
    );
}

/// Decoding and verifying agree on what a token is.
pub(crate) fn token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let keys = JwkSet::new(vec![KEY.verifying_key().clone()]);
    let verified = jws::verify(text, &keys, &[Algorithm::Hs256]);
    match UnverifiedJwt::decode(text) {
        Ok(decoded) => {
            let _ = decoded.dangerous_claims_without_verification::<Value>();
            if let Ok(verified) = &verified {
                assert_eq!(verified.header(), decoded.header());
            }
        }
        Err(_) => assert!(verified.is_err(), "verified, but does not decode"),
    }
}

/// Any payload, well signed, against a policy: what is accepted says what the policy demands.
pub(crate) fn claims(data: &[u8]) {
    let Ok(token) = jws::sign(&KEY, "at+jwt", data) else {
        return;
    };
    let keys = JwkSet::new(vec![KEY.verifying_key().clone()]);
    let policy = VerificationPolicy::new(
        Issuer::new("bulla").expect("a name"),
        Audience::new("api").expect("a name"),
        &["at+jwt"],
        &[Algorithm::Hs256],
    );
    let now = UnixTime::from_seconds(NOW);
    if let Ok(verified) = jwt::verify::<Value>(&token, &keys, &policy, now) {
        assert!(json::check(data, Limits::CLAIMS).is_ok());
        assert!(verified.expires_at() > now);
        assert_eq!(verified.claims()["iss"], "bulla");
        assert!(verified.claims()["sub"].is_string());
    }
}
