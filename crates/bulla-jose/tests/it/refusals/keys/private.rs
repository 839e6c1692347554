//! Private keys that must not be used.

use bulla_jose::{
    base64url::encode,
    jwa::{Algorithm, KeyManagement},
    jwk::{DecryptionKey, KeyError, SigningKey},
};
use serde_json::{Value, json};

use super::with;
use crate::jwk::private::{ED25519, P256, P256_SEC1, P384, RSA, X25519, ed25519, es256};

const PUBLIC: &str = include_str!("../../jwk/pem/p256-public.pem");
const ENCRYPTED: &str = include_str!("../../jwk/pem/p256-encrypted.pem");
const ENCRYPTED_SEC1: &str = include_str!("../../jwk/pem/p256-encrypted-sec1.pem");
const RSA_1024: &str = include_str!("../../jwk/pem/rsa-1024.pem");

fn read(jwk: &Value) -> Result<SigningKey, KeyError> {
    SigningKey::from_jwk(jwk.to_string().as_bytes())
}

#[track_caller]
fn refused(jwk: &Value, reason: &KeyError) {
    assert_eq!(read(jwk).expect_err("accepted"), *reason);
}

fn pem(algorithm: Algorithm, pem: &str) -> Result<SigningKey, KeyError> {
    SigningKey::from_pem(algorithm, None, pem.as_bytes())
}

fn decryption_pem(pem: &str) -> Result<DecryptionKey, KeyError> {
    DecryptionKey::from_pem(KeyManagement::EcdhEs, None, pem.as_bytes())
}

#[test]
fn a_public_key_where_a_private_one_is_needed_is_refused() {
    for jwk in [es256(), ed25519()] {
        assert!(read(&jwk).is_ok(), "the control");
        refused(&with(jwk, "d", Value::Null), &KeyError::PrivateHalfMissing);
    }
    assert!(pem(Algorithm::Es256, P256).is_ok(), "the control");
    assert_eq!(
        pem(Algorithm::Es256, PUBLIC).unwrap_err(),
        KeyError::PrivateHalfMissing
    );
    assert!(decryption_pem(P256).is_ok(), "the control");
    assert_eq!(
        decryption_pem(PUBLIC).unwrap_err(),
        KeyError::PrivateHalfMissing
    );
}

#[test]
fn a_private_half_of_another_key_is_refused() {
    let other = "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE";
    assert!(read(&es256()).is_ok(), "the control");
    let reason = KeyError::PrivateKeyInvalid(Algorithm::Es256);
    refused(&with(es256(), "d", other), &reason);
    refused(&with(es256(), "d", encode(&[0; 32])), &reason);
    refused(&with(es256(), "d", encode(&[0xff; 32])), &reason);
    let reason = KeyError::PrivateKeyInvalid(Algorithm::EdDsa);
    refused(&with(ed25519(), "d", other), &reason);
}

#[test]
fn a_private_number_of_another_length_is_refused() {
    for jwk in [es256(), ed25519()] {
        assert!(read(&jwk).is_ok(), "the control");
        for length in [0, 31, 33] {
            let error = read(&with(jwk.clone(), "d", encode(&vec![1; length]))).unwrap_err();
            let expected = matches!(error, KeyError::MemberInvalid { member: "d", .. });
            assert!(expected, "{error}");
        }
    }
}

#[test]
fn a_private_rsa_key_that_lacks_or_alters_a_number_is_refused() {
    let set: Value = serde_json::from_str(include_str!("../../vectors/rfc_7517.json")).unwrap();
    let jwk = &set["keys"][1];
    assert!(read(jwk).is_ok(), "the control");
    for member in ["p", "q", "dp", "dq", "qi"] {
        let reason = KeyError::MemberMissing(member);
        refused(&with(jwk.clone(), member, Value::Null), &reason);
    }
    refused(
        &with(jwk.clone(), "d", Value::Null),
        &KeyError::PrivateHalfMissing,
    );
    let reason = KeyError::PrivateKeyInvalid(Algorithm::Rs256);
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        refused(&with(jwk.clone(), member, "AQAB"), &reason);
        refused(&with(jwk.clone(), member, ""), &reason);
    }
    let third_factor = with(jwk.clone(), "oth", json!([]));
    let error = read(&third_factor).unwrap_err();
    assert!(
        matches!(error, KeyError::MemberInvalid { member: "oth", .. }),
        "{error}"
    );
}

#[test]
fn a_private_key_that_may_not_sign_is_refused() {
    for good in [json!(["sign"]), json!(["sign", "verify"])] {
        assert!(read(&with(es256(), "key_ops", good)).is_ok(), "the control");
    }
    let refused_operation = with(es256(), "key_ops", json!(["verify"]));
    refused(&refused_operation, &KeyError::OperationRefused("sign"));
    refused(
        &with(es256(), "use", "enc"),
        &KeyError::UseRefused("enc".into()),
    );
    let reason = KeyError::AlgorithmMismatch(Algorithm::Es384);
    refused(&with(es256(), "alg", "ES384"), &reason);
}

#[test]
fn a_secret_without_an_id_or_too_short_is_refused() {
    let jwk = |bytes| json!({ "kty": "oct", "kid": "k", "k": encode(&vec![7; bytes]) });
    assert!(read(&jwk(32)).is_ok(), "the control");
    let unnamed = with(jwk(32), "kid", Value::Null);
    refused(&unnamed, &KeyError::MemberMissing("kid"));
    let (minimum, found, algorithm) = (32, 31, Algorithm::Hs256);
    let reason = KeyError::SecretTooShort {
        algorithm,
        minimum,
        found,
    };
    refused(&jwk(31), &reason);
}

#[test]
fn an_encrypted_pem_is_refused() {
    let noted = format!("Once it was -----BEGIN ENCRYPTED PRIVATE KEY-----\n{P256}");
    for good in [P256, P256_SEC1, &noted] {
        assert!(pem(Algorithm::Es256, good).is_ok(), "the control");
    }
    for encrypted in [ENCRYPTED, ENCRYPTED_SEC1] {
        assert_eq!(
            pem(Algorithm::Es256, encrypted).unwrap_err(),
            KeyError::PemEncrypted
        );
        assert_eq!(
            decryption_pem(encrypted).unwrap_err(),
            KeyError::PemEncrypted
        );
    }
}

#[test]
fn a_pem_of_another_type_or_curve_is_refused() {
    for (algorithm, text) in [
        (Algorithm::Es256, P384),
        (Algorithm::Es384, P256),
        (Algorithm::Es384, P256_SEC1),
        (Algorithm::Es256k, P256),
        (Algorithm::Es256, RSA),
        (Algorithm::Rs256, P256_SEC1),
        (Algorithm::EdDsa, X25519),
        (Algorithm::Hs256, P256),
    ] {
        let error = pem(algorithm, text).unwrap_err();
        assert_eq!(error, KeyError::PrivateKeyInvalid(algorithm));
    }
    assert!(pem(Algorithm::Rs256, RSA).is_ok(), "the control");
    for text in [RSA, ED25519] {
        let error = decryption_pem(text).unwrap_err();
        let expected = KeyError::DecryptionKeyInvalid(KeyManagement::EcdhEs);
        assert_eq!(error, expected);
    }
    let algorithm = KeyManagement::A256Kw;
    let error = DecryptionKey::from_pem(algorithm, None, P256.as_bytes()).unwrap_err();
    assert_eq!(error, KeyError::DecryptionKeyInvalid(algorithm));
}

#[test]
fn an_rsa_pem_under_2048_bits_is_refused() {
    assert!(pem(Algorithm::Rs256, RSA).is_ok(), "the control");
    assert!(pem(Algorithm::Rs256, RSA_1024).is_err());
    let read = |pem: &str| DecryptionKey::from_pem(KeyManagement::RsaOaep256, None, pem.as_bytes());
    assert!(read(RSA).is_ok(), "the control");
    assert!(read(RSA_1024).is_err());
}

#[test]
fn a_text_with_no_private_key_or_two_of_them_is_refused() {
    for text in [
        "",
        "no PEM",
        "-----BEGIN PRIVATE KEY-----\nAAAA",
        "\u{feff}",
    ] {
        assert_eq!(
            pem(Algorithm::Es256, text).unwrap_err(),
            KeyError::PemInvalid
        );
    }
    let spoilt = P256.replacen("MIGH", "MI*H", 1);
    assert_eq!(
        pem(Algorithm::Es256, &spoilt).unwrap_err(),
        KeyError::PemInvalid
    );
    let begin = "-----BEGIN PRIVATE KEY-----\n";
    for within in [
        format!("{begin}{P256}"),
        format!("-----BEGIN X-----\n{P256}"),
    ] {
        assert_eq!(
            pem(Algorithm::Es256, &within).unwrap_err(),
            KeyError::PemInvalid
        );
    }
    assert!(!P256.contains('='), "so that more can be appended");
    let longer = P256.replacen("\n-----END", "\nAAAA\n-----END", 1);
    assert_eq!(
        pem(Algorithm::Es256, &longer).unwrap_err(),
        KeyError::PemInvalid,
        "bytes behind the key"
    );
    let two = format!("{P256}{P384}");
    assert_eq!(
        pem(Algorithm::Es256, &two).unwrap_err(),
        KeyError::PemAmbiguous
    );
    let with_public = format!("{PUBLIC}{P256}");
    assert!(pem(Algorithm::Es256, &with_public).is_ok(), "the control");
}
