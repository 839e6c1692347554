//! What is fuzzed: one function for each parser. No input may panic, and what is accepted must be what it claims to be.
//!
//! `fuzz/` at the root of the repository feeds them with libFuzzer, [`super`] with seeded mutations of the same seeds.

use std::sync::LazyLock;

use bulla_jose::{
    base64url,
    json::{self, Limits},
    jwa::{Algorithm, ContentEncryption, KeyManagement},
    jwe::{self, DecryptionPolicy, nested},
    jwk::{DecryptionKey, JwkSet, KeyId, SigningKey, VerifyingKey},
    jws,
    jwt::{self, Audience, Issuer, UnixTime, UnverifiedJwt, VerificationPolicy},
};
use serde_json::Value;

/// A target and the name of its folder of seeds.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const TARGETS: [Target; 8] = [
    ("base64url", base64url),
    ("json", json),
    ("jwk_set", jwk_set),
    ("private_jwk", private_jwk),
    ("pem", pem),
    ("token", token),
    ("claims", claims),
    ("jwe", jwe),
];

const NOW: u64 = 1_800_000_000;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let key_id = KeyId::new("k1").expect("a key ID");
    let secret = b"0123456789abcdef0123456789abcdef";
    SigningKey::from_private_bytes(Algorithm::Hs256, key_id, secret).expect("a key")
});

/// A key for each way to come by a content encryption key but RSA, which would take most of the time.
static RECIPIENTS: LazyLock<Vec<DecryptionKey>> = LazyLock::new(|| {
    let secret = [7; 32];
    let direct = KeyManagement::Direct(ContentEncryption::A128CbcHs256);
    let agreement = br#"{"kty":"EC","crv":"P-256","alg":"ECDH-ES+A128KW","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
    [
        DecryptionKey::from_secret(direct, None, &secret),
        DecryptionKey::from_secret(KeyManagement::A256Kw, None, &secret),
        DecryptionKey::from_secret(KeyManagement::A256GcmKw, None, &secret),
        DecryptionKey::from_jwk(agreement),
    ]
    .map(|key| key.expect("a key"))
    .into()
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
    let (keys, policy) = verification();
    let now = UnixTime::from_seconds(NOW);
    if let Ok(verified) = jwt::verify::<Value>(&token, &keys, &policy, now) {
        assert!(json::check(data, Limits::CLAIMS).is_ok());
        assert!(verified.expires_at() > now);
        assert_eq!(verified.claims()["iss"], "bulla");
        assert!(verified.claims()["sub"].is_string());
    }
}

/// A token, or the header of one; and a payload that was encrypted to us is verified like one that was not.
pub(crate) fn jwe(data: &[u8]) {
    let decryption = DecryptionPolicy::new(ContentEncryption::ALL);
    let (keys, verification) = verification();
    let now = UnixTime::from_seconds(NOW);
    let verify = |token: &str| {
        let verified =
            nested::verify::<Value>(token, &RECIPIENTS, &decryption, &keys, &verification, now);
        verified.map(jwt::VerifiedJwt::into_claims)
    };
    let header = base64url::encode(data);
    let _ = jwe::decrypt(
        &format!("{header}..AAAA.AAAA.AAAA"),
        &RECIPIENTS,
        &decryption,
    );
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(claims) = verify(text) {
        let opened = jwe::decrypt(text, &RECIPIENTS, &decryption).expect("it was opened before");
        let inner = std::str::from_utf8(opened.plaintext()).expect("a token");
        let verified = jwt::verify::<Value>(inner, &keys, &verification, now).expect("a token");
        assert_eq!(*verified.claims(), claims);
    }
    let recipient = RECIPIENTS[0].encryption_key();
    let encryption = ContentEncryption::A128CbcHs256;
    if let Ok(token) = jwe::encrypt(recipient, encryption, Some("JWT"), data) {
        assert_eq!(
            verify(&token).is_ok(),
            jwt::verify::<Value>(text, &keys, &verification, now).is_ok()
        );
    }
}

/// A key that was read can be written, and read back as the same.
pub(crate) fn private_jwk(data: &[u8]) {
    if let Ok(key) = SigningKey::from_jwk(data) {
        let id = key.key_id().clone();
        let bytes = key.private_bytes().expect("the private half");
        let again = SigningKey::from_private_bytes(key.algorithm(), id, &bytes).expect("our own");
        let public = |key: &SigningKey| key.verifying_key().public_jwk();
        assert_eq!(public(&again), public(&key));
    }
    if let Ok(key) = DecryptionKey::from_jwk(data) {
        let id = KeyId::new("k1").expect("a key ID");
        let bytes = key.private_bytes().expect("the private half");
        DecryptionKey::from_private_bytes(key.algorithm(), id, &bytes).expect("our own");
    }
    let id = || KeyId::new("k1").expect("a key ID");
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::MlDsa44] {
        let _ = SigningKey::from_private_bytes(algorithm, id(), data);
    }
    for algorithm in [KeyManagement::EcdhEs, KeyManagement::RsaOaep256] {
        let _ = DecryptionKey::from_private_bytes(algorithm, id(), data);
    }
}

/// What was read from a PEM text can be written as one.
pub(crate) fn pem(data: &[u8]) {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa] {
        if let Ok(key) = SigningKey::from_pem(algorithm, None, data) {
            let text = key.to_pem().expect("a text");
            let again = SigningKey::from_pem(algorithm, None, text.as_bytes()).expect("our own");
            assert_eq!(again.key_id(), key.key_id());
        }
    }
    let _ = DecryptionKey::from_pem(KeyManagement::EcdhEs, None, data);
}

fn verification() -> (JwkSet, VerificationPolicy) {
    let keys = JwkSet::new(vec![KEY.verifying_key().clone()]);
    let policy = VerificationPolicy::new(
        Issuer::new("bulla").expect("a name"),
        Audience::new("api").expect("a name"),
        &["at+jwt"],
        &[Algorithm::Hs256],
    );
    (keys, policy)
}
