//! Which key a token is decrypted with, and how keys are kept.

use bulla_jose::{
    jwa::{AgreementCurve, ContentEncryption, KeyManagement},
    jwe::{self, DecryptionError, DecryptionPolicy},
    jwk::{DecryptionKey, EncryptionKey, KeyError, KeyId},
};

use super::{decrypt, encryption_of, key_of};

fn encrypt(key: &EncryptionKey) -> String {
    jwe::encrypt(key, encryption_of(key.algorithm()), None, b"kept").expect("a token")
}

#[test]
fn the_private_half_of_every_key_can_be_kept_and_read_back() {
    let x25519 = DecryptionKey::generate_on(AgreementCurve::X25519, KeyManagement::EcdhEs).unwrap();
    let p384 = DecryptionKey::generate_on(AgreementCurve::P384, KeyManagement::EcdhEs).unwrap();
    let all = KeyManagement::ALL
        .iter()
        .map(|&algorithm| key_of(algorithm));
    for key in all.chain([&x25519, &p384]) {
        let bytes = key.private_bytes().unwrap();
        let id = key.key_id().unwrap().clone();
        let read = DecryptionKey::from_private_bytes(key.algorithm(), id, &bytes).unwrap();
        let token = encrypt(key.encryption_key());
        assert_eq!(decrypt(&token, &read).unwrap().plaintext(), b"kept");
        let read = read.encryption_key().public_jwk();
        assert_eq!(read, key.encryption_key().public_jwk());
    }
}

#[test]
fn the_public_half_can_be_published_and_read_back_and_a_secret_cannot() {
    for &algorithm in KeyManagement::ALL {
        let key = key_of(algorithm);
        let Some(jwk) = key.encryption_key().public_jwk() else {
            assert!(algorithm.secret_bytes().is_some());
            continue;
        };
        assert_eq!(jwk["use"], "enc");
        let read = EncryptionKey::from_jwk(jwk.to_string().as_bytes()).unwrap();
        assert_eq!(read.algorithm(), algorithm);
        assert_eq!(read.key_id(), key.key_id());
        assert_eq!(decrypt(&encrypt(&read), key).unwrap().plaintext(), b"kept");
    }
}

#[test]
fn keys_that_share_an_id_are_all_tried() {
    let id = KeyId::new("same").unwrap();
    let key = |byte| {
        let secret = [byte; 32];
        DecryptionKey::from_secret(KeyManagement::A256Kw, Some(id.clone()), &secret).unwrap()
    };
    let keys = [key(1), key(2)];
    let policy = DecryptionPolicy::new(&[ContentEncryption::A256CbcHs512]);
    for key in &keys {
        let token = encrypt(key.encryption_key());
        assert!(jwe::decrypt(&token, &keys, &policy).is_ok());
    }
    let token = encrypt(key(3).encryption_key());
    let error = jwe::decrypt(&token, &keys, &policy).unwrap_err();
    assert_eq!(error, DecryptionError::Failed);
}

#[test]
fn an_unknown_id_is_reported_as_such() {
    let known = DecryptionKey::generate(KeyManagement::EcdhEs).unwrap();
    let unknown = DecryptionKey::generate(KeyManagement::EcdhEs).unwrap();
    let error = decrypt(&encrypt(unknown.encryption_key()), &known).unwrap_err();
    let key_id = unknown.key_id().map(ToString::to_string);
    assert_eq!(error, DecryptionError::KeyUnknown { key_id });
}

#[test]
fn debug_shows_no_secret() {
    let secret = b"swordfish swordf";
    let key = DecryptionKey::from_secret(KeyManagement::A128Kw, None, secret).unwrap();
    let opened = decrypt(&encrypt(key.encryption_key()), &key).unwrap();
    let shown = format!("{key:?} {:?} {opened:?}", key.encryption_key());
    assert!(shown.contains("A128Kw"), "{shown}");
    for hidden in ["115, 119", "sword", "107, 101, 112", "kept"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn a_key_for_an_agreement_is_made_only_for_one() {
    let curve = AgreementCurve::X25519;
    assert!(DecryptionKey::generate_on(curve, KeyManagement::EcdhEs).is_ok());
    let error = DecryptionKey::generate_on(curve, KeyManagement::A128Kw).unwrap_err();
    let expected = KeyError::KeyManagementMismatch(KeyManagement::A128Kw);
    assert_eq!(error, expected);
}
