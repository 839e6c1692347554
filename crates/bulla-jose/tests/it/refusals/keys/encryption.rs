//! Keys that nothing must be encrypted to.

use bulla_jose::{
    base64url::encode,
    jwa::{Algorithm, ContentEncryption, KeyManagement},
    jwk::{DecryptionKey, EncryptionKey, KeyError},
};
use serde_json::{Value, json};

use super::with;
use crate::jwe::key_of;

const AGREEMENT: KeyManagement = KeyManagement::EcdhEsA128Kw;

fn public(algorithm: KeyManagement) -> Value {
    let key = key_of(algorithm).encryption_key();
    key.public_jwk().expect("a public key")
}

fn secret(algorithm: KeyManagement, bytes: usize) -> Value {
    json!({ "kty": "oct", "alg": algorithm.jwk_name(), "k": encode(&vec![7; bytes]) })
}

fn read(jwk: &Value) -> Result<EncryptionKey, KeyError> {
    EncryptionKey::from_jwk(jwk.to_string().as_bytes())
}

#[track_caller]
fn refused(jwk: &Value, reason: &KeyError) {
    assert_eq!(read(jwk).expect_err("accepted"), *reason);
    let decryption = DecryptionKey::from_jwk(jwk.to_string().as_bytes());
    assert_eq!(decryption.expect_err("accepted"), *reason);
}

#[test]
fn a_key_for_signatures_is_refused() {
    let jwk = public(AGREEMENT);
    assert!(read(&jwk).is_ok(), "the control");
    refused(
        &with(jwk.clone(), "use", "sig"),
        &KeyError::UseRefused("sig".into()),
    );
    for name in [
        "ES256",
        "RSA1_5",
        "RSA-OAEP",
        "A192KW",
        "PBES2-HS256+A128KW",
        "dir",
    ] {
        refused(
            &with(jwk.clone(), "alg", name),
            &KeyError::AlgorithmUnsupported(name.into()),
        );
    }
    refused(
        &with(jwk, "alg", Value::Null),
        &KeyError::MemberMissing("alg"),
    );
}

#[test]
fn a_key_that_may_not_encrypt_or_decrypt_is_refused() {
    let cases = [
        (KeyManagement::A128Kw, "wrapKey", "unwrapKey"),
        (KeyManagement::A128GcmKw, "wrapKey", "unwrapKey"),
        (
            KeyManagement::Direct(ContentEncryption::A128Gcm),
            "encrypt",
            "decrypt",
        ),
    ];
    for (algorithm, encrypts, decrypts) in cases {
        let jwk = |operation: &str| {
            let jwk = with(secret(algorithm, 16), "key_ops", json!([operation]));
            jwk.to_string().into_bytes()
        };
        assert!(
            EncryptionKey::from_jwk(&jwk(encrypts)).is_ok(),
            "the control"
        );
        assert!(
            DecryptionKey::from_jwk(&jwk(decrypts)).is_ok(),
            "the control"
        );
        let error = EncryptionKey::from_jwk(&jwk(decrypts)).unwrap_err();
        assert_eq!(error, KeyError::OperationRefused(encrypts));
        let error = DecryptionKey::from_jwk(&jwk(encrypts)).unwrap_err();
        assert_eq!(error, KeyError::OperationRefused(decrypts));
    }
    let jwk = public(AGREEMENT);
    for good in ["deriveKey", "deriveBits"] {
        let jwk = with(jwk.clone(), "key_ops", json!([good]));
        assert!(read(&jwk).is_ok(), "the control");
    }
    for bad in [json!([]), json!(["wrapKey", "encrypt"])] {
        let jwk = with(jwk.clone(), "key_ops", bad);
        refused(&jwk, &KeyError::OperationRefused("deriveKey"));
    }
}

#[test]
fn a_key_of_another_type_than_its_key_management_is_refused() {
    let rsa = public(KeyManagement::RsaOaep256);
    assert!(read(&rsa).is_ok(), "the control");
    let reason = KeyError::KeyManagementMismatch(AGREEMENT);
    refused(&with(rsa.clone(), "alg", AGREEMENT.as_str()), &reason);
    refused(&secret(AGREEMENT, 16), &reason);
    let reason = KeyError::KeyManagementMismatch(KeyManagement::RsaOaep256);
    refused(&with(public(AGREEMENT), "alg", "RSA-OAEP-256"), &reason);
    let reason = KeyError::KeyManagementMismatch(KeyManagement::A256Kw);
    refused(&with(rsa, "alg", "A256KW"), &reason);
}

#[test]
fn a_key_that_states_another_algorithm_than_it_should_do_is_refused() {
    let jwk = public(AGREEMENT).to_string();
    assert!(
        EncryptionKey::from_jwk_for(AGREEMENT, jwk.as_bytes()).is_ok(),
        "the control"
    );
    let other = KeyManagement::EcdhEs;
    let error = EncryptionKey::from_jwk_for(other, jwk.as_bytes()).unwrap_err();
    assert_eq!(error, KeyError::KeyManagementMismatch(other));
    let direct = KeyManagement::Direct(ContentEncryption::A256Gcm);
    let other = KeyManagement::Direct(ContentEncryption::A128CbcHs256);
    for name in ["dir", "A256GCM"] {
        let jwk = with(secret(direct, 32), "alg", name).to_string();
        let key = EncryptionKey::from_jwk_for(direct, jwk.as_bytes());
        assert!(key.is_ok(), "the control");
    }
    let jwk = secret(direct, 32).to_string();
    let error = EncryptionKey::from_jwk_for(other, jwk.as_bytes()).unwrap_err();
    assert_eq!(error, KeyError::KeyManagementMismatch(other));
}

#[test]
fn a_secret_of_another_length_than_its_algorithm_needs_is_refused() {
    for &algorithm in KeyManagement::ALL {
        let Some(expected) = algorithm.secret_bytes() else {
            continue;
        };
        assert!(read(&secret(algorithm, expected)).is_ok(), "the control");
        for found in [0, expected - 1, expected + 1, 24] {
            let reason = KeyError::SecretSizeRefused {
                algorithm,
                expected,
                found,
            };
            refused(&secret(algorithm, found), &reason);
        }
    }
}

#[test]
fn a_point_off_its_curve_or_of_small_order_is_refused() {
    let jwk = public(AGREEMENT);
    assert!(read(&jwk).is_ok(), "the control");
    refused(
        &with(jwk.clone(), "y", jwk["x"].clone()),
        &KeyError::PointInvalid,
    );
    let point =
        |x: [u8; 32]| json!({ "kty": "OKP", "crv": "X25519", "alg": "ECDH-ES", "x": encode(&x) });
    let mut base = [0; 32];
    base[0] = 9;
    assert!(read(&point(base)).is_ok(), "the control");
    let mut one = [0; 32];
    one[0] = 1;
    for small in [[0; 32], one] {
        refused(&point(small), &KeyError::PointInvalid);
    }
}

#[test]
fn a_curve_that_keys_are_not_agreed_on_with_is_refused() {
    // Signing keys, stated to be for encryption.
    let jwk = |algorithm| {
        let signing = crate::jwt::key_of(algorithm);
        let jwk = signing.verifying_key().public_jwk().unwrap();
        with(with(jwk, "use", "enc"), "alg", "ECDH-ES")
    };
    assert!(read(&jwk(Algorithm::Es256)).is_ok(), "the control");
    refused(
        &jwk(Algorithm::Es256k),
        &KeyError::CurveUnsupported("secp256k1".into()),
    );
}

#[test]
fn an_rsa_key_under_2048_bits_is_refused() {
    let jwk = public(KeyManagement::RsaOaep256);
    assert!(read(&jwk).is_ok(), "the control");
    let short = with(jwk, "n", encode(&[0xff; 128]));
    refused(&short, &KeyError::RsaSizeRefused { bits: 1024 });
}
