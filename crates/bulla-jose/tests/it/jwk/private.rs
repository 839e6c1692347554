//! Private keys that others made: JWK and PEM.

use bulla_jose::{
    base64url::encode,
    jwa::{Algorithm, KeyManagement},
    jwe,
    jwk::{DecryptionKey, JwkSet, KeyError, KeyId, SigningKey, VerifyingKey},
    jws,
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use crate::jwe::{decrypt, encryption_of};

pub(crate) const P256: &str = include_str!("pem/p256.pem");
pub(crate) const P256_SEC1: &str = include_str!("pem/p256-sec1.pem");
pub(crate) const P384: &str = include_str!("pem/p384.pem");
pub(crate) const SECP256K1: &str = include_str!("pem/secp256k1.pem");
pub(crate) const RSA: &str = include_str!("pem/rsa-2048.pem");
pub(crate) const RSA_PKCS1: &str = include_str!("pem/rsa-2048-pkcs1.pem");
pub(crate) const ED25519: &str = include_str!("pem/ed25519.pem");
pub(crate) const X25519: &str = include_str!("pem/x25519.pem");

/// RFC 7515 A.3, RFC 8037 A.1.
pub(crate) fn es256() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    })
}

pub(crate) fn ed25519() -> Value {
    json!({
        "kty": "OKP", "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    })
}

#[track_caller]
fn signs(key: &SigningKey) {
    let token = jws::sign(key, "JWT", b"imported").expect("a token");
    let keys = JwkSet::new(vec![key.verifying_key().clone()]);
    assert!(jws::verify(&token, &keys, &[key.algorithm()]).is_ok());
}

#[test]
fn a_private_jwk_signs_what_its_public_half_verifies() {
    for (jwk, algorithm) in [(es256(), Algorithm::Es256), (ed25519(), Algorithm::EdDsa)] {
        let text = jwk.to_string();
        let key = SigningKey::from_jwk(text.as_bytes()).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let token = jws::sign(&key, "JWT", b"imported").unwrap();
        let public = VerifyingKey::from_jwk(text.as_bytes()).unwrap();
        assert_eq!(Some(key.key_id().to_string()), public.thumbprint());
        assert!(jws::verify(&token, &JwkSet::new(vec![public]), &[algorithm]).is_ok());
    }
}

#[test]
fn a_private_jwk_keeps_its_id_and_its_algorithm() {
    let mut jwk = ed25519();
    jwk["kid"] = "k1".into();
    jwk["alg"] = "Ed25519".into();
    jwk["key_ops"] = json!(["sign"]);
    let key = SigningKey::from_jwk(jwk.to_string().as_bytes()).unwrap();
    assert_eq!(key.key_id().as_str(), "k1");
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    let secret = json!({ "kty": "oct", "alg": "HS512", "kid": "h", "k": encode(&[7; 64]) });
    let key = SigningKey::from_jwk(secret.to_string().as_bytes()).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Hs512);
    signs(&key);
}

#[test]
fn what_a_private_jwk_does_not_state_can_be_said() {
    let id = |id: &str| Some(KeyId::new(id).unwrap());
    let secret = json!({ "kty": "oct", "k": encode(&[7; 64]) }).to_string();
    let read = |algorithm, key_id| {
        let key = SigningKey::from_jwk_with(secret.as_bytes(), algorithm, key_id)?;
        Ok((key.algorithm(), key.key_id().to_string()))
    };
    let missing = KeyError::MemberMissing("kid");
    assert_eq!(read(Some(Algorithm::Hs512), None), Err(missing));
    let named = |algorithm| Ok((algorithm, "k1".to_owned()));
    assert_eq!(
        read(Some(Algorithm::Hs512), id("k1")),
        named(Algorithm::Hs512)
    );
    assert_eq!(read(None, id("k1")), named(Algorithm::Hs256));
    let other = KeyError::AlgorithmMismatch(Algorithm::Es256);
    assert_eq!(read(Some(Algorithm::Es256), id("k1")), Err(other));

    let mut stated = ed25519();
    stated["alg"] = "EdDSA".into();
    stated["kid"] = "k1".into();
    let stated = stated.to_string();
    let key =
        SigningKey::from_jwk_with(stated.as_bytes(), Some(Algorithm::Ed25519), id("k2")).unwrap();
    assert_eq!(key.algorithm(), Algorithm::EdDsa, "what it states counts");
    assert_eq!(key.key_id().as_str(), "k2");
}

#[test]
fn an_ml_dsa_seed_signs_what_its_public_half_verifies() {
    for algorithm in [Algorithm::MlDsa44, Algorithm::MlDsa65, Algorithm::MlDsa87] {
        let made = crate::jwt::key_of(algorithm);
        let der = made.private_bytes().unwrap();
        // The last 32 bytes of the PKCS#8 are the seed (RFC 9881 section 6).
        let mut jwk = made.verifying_key().public_jwk().unwrap();
        jwk["priv"] = encode(&der[der.len() - 32..]).into();
        jwk.as_object_mut().unwrap().remove("use");
        let read = SigningKey::from_jwk(jwk.to_string().as_bytes()).unwrap();
        let token = jws::sign(&read, "JWT", b"imported").unwrap();
        let keys = JwkSet::new(vec![made.verifying_key().clone()]);
        assert!(jws::verify(&token, &keys, &[algorithm]).is_ok());
    }
}

#[test]
fn a_pem_of_every_encoding_signs() {
    for (pem, algorithm) in [
        (P256, Algorithm::Es256),
        (P256_SEC1, Algorithm::Es256),
        (P384, Algorithm::Es384),
        (SECP256K1, Algorithm::Es256k),
        (RSA, Algorithm::Rs256),
        (RSA_PKCS1, Algorithm::Ps512),
        (ED25519, Algorithm::EdDsa),
    ] {
        let key = SigningKey::from_pem(algorithm, None, pem.as_bytes()).unwrap();
        assert_eq!(
            Some(key.key_id().to_string()),
            key.verifying_key().thumbprint()
        );
        signs(&key);
    }
    let id = KeyId::new("mine").unwrap();
    let key = SigningKey::from_pem(Algorithm::Es256, Some(id), P256.as_bytes()).unwrap();
    assert_eq!(key.key_id().as_str(), "mine");
}

#[test]
fn both_encodings_of_a_key_are_the_same_key() {
    for (algorithm, one, other) in [
        (Algorithm::Es256, P256, P256_SEC1),
        (Algorithm::Rs256, RSA, RSA_PKCS1),
    ] {
        let read = |pem: &str| SigningKey::from_pem(algorithm, None, pem.as_bytes()).unwrap();
        assert_eq!(read(one).key_id(), read(other).key_id());
    }
}

#[test]
fn a_pem_of_every_encoding_decrypts() {
    for (pem, algorithm) in [
        (P256, KeyManagement::EcdhEs),
        (P256_SEC1, KeyManagement::EcdhEsA128Kw),
        (P384, KeyManagement::EcdhEsA256Kw),
        (X25519, KeyManagement::EcdhEs),
        (RSA, KeyManagement::RsaOaep256),
        (RSA_PKCS1, KeyManagement::RsaOaep256),
    ] {
        let key = DecryptionKey::from_pem(algorithm, None, pem.as_bytes()).unwrap();
        let encryption = encryption_of(algorithm);
        let token = jwe::encrypt(key.encryption_key(), encryption, None, b"imported").unwrap();
        assert_eq!(decrypt(&token, &key).unwrap().plaintext(), b"imported");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_panics(
        bytes in vec(any::<u8>(), 0..200),
        algorithm in prop::sample::select(Algorithm::ALL),
        management in prop::sample::select(KeyManagement::ALL),
        kty in "EC|OKP|RSA|AKP|oct",
        crv in "P-256|P-521|secp256k1|Ed25519|X25519",
        member in "x|y|d|n|e|p|k|pub|priv|alg",
    ) {
        let text = encode(&bytes);
        let mut jwk = json!({
            "kty": kty, "crv": crv, "x": text, "y": text, "d": text, "n": text, "e": "AQAB", "p": text, "q": text,
            "dp": text, "dq": text, "qi": text, "k": text, "pub": text, "priv": text, "kid": "k",
        });
        jwk["alg"] = management.jwk_name().into();
        let _ = DecryptionKey::from_jwk(jwk.to_string().as_bytes());
        jwk["alg"] = algorithm.as_str().into();
        let _ = SigningKey::from_jwk(jwk.to_string().as_bytes());
        jwk[member] = Value::Null;
        let _ = SigningKey::from_jwk(jwk.to_string().as_bytes());
        for label in ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"] {
            let text = base64_lines(&bytes);
            let pem = format!("-----BEGIN {label}-----\n{text}-----END {label}-----\n");
            let _ = SigningKey::from_pem(algorithm, None, pem.as_bytes());
            let _ = DecryptionKey::from_pem(management, None, pem.as_bytes());
        }
        let _ = SigningKey::from_pem(algorithm, None, &bytes);
        let id = KeyId::new("k").unwrap();
        let _ = DecryptionKey::from_private_bytes(management, id, &bytes);
    }
}

/// Of whole groups of three bytes, so that there is no padding.
fn base64_lines(bytes: &[u8]) -> String {
    let whole = &bytes[..bytes.len() / 3 * 3];
    let text = encode(whole).replace('-', "+").replace('_', "/");
    format!("{text}\n")
}

#[test]
fn a_text_says_what_it_is() {
    let read = |text: &str| SigningKey::from_text(text.as_bytes(), None, None);
    for (text, algorithm) in [
        (P256, Algorithm::Es256),
        (P256_SEC1, Algorithm::Es256),
        (P384, Algorithm::Es384),
        (SECP256K1, Algorithm::Es256k),
        (RSA, Algorithm::Rs256),
        (RSA_PKCS1, Algorithm::Rs256),
        (ED25519, Algorithm::EdDsa),
        (&format!("Algorithm: PS512\n{RSA}"), Algorithm::Ps512),
        (&format!("  {}", es256()), Algorithm::Es256),
    ] {
        assert_eq!(read(text).unwrap().algorithm(), algorithm, "{text}");
    }
    let asked = SigningKey::from_text(RSA.as_bytes(), Some(Algorithm::Ps256), None);
    assert_eq!(asked.unwrap().algorithm(), Algorithm::Ps256);
}

#[test]
fn a_text_with_no_key_says_why() {
    const RSA_1024: &str = include_str!("pem/rsa-1024.pem");
    const PUBLIC: &str = include_str!("pem/p256-public.pem");
    const ENCRYPTED: &str = include_str!("pem/p256-encrypted.pem");
    for (text, reason) in [
        ("", KeyError::TextUnrecognized),
        ("a secret that is no key", KeyError::TextUnrecognized),
        (RSA_1024, KeyError::PrivateKeyUnsupported),
        (X25519, KeyError::PrivateKeyUnsupported),
        (PUBLIC, KeyError::PrivateHalfMissing),
        (ENCRYPTED, KeyError::PemEncrypted),
        ("-----BEGIN PRIVATE KEY-----", KeyError::PemInvalid),
        ("{}", KeyError::MemberMissing("kty")),
    ] {
        let refused = SigningKey::from_text(text.as_bytes(), None, None);
        assert_eq!(refused.unwrap_err(), reason, "{text}");
    }
}
