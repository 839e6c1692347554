use bulla_jose::{
    jwa::{AgreementCurve, ContentEncryption, KeyManagement},
    jwe::{self, EncryptionError},
    jwk::DecryptionKey,
};
use proptest::{collection::vec, prelude::*};

use super::{decrypt, encryption_of, key_of};

#[test]
fn whatever_is_encrypted_is_decrypted_with_every_key_and_content_encryption() {
    for &algorithm in KeyManagement::ALL {
        let key = key_of(algorithm);
        for &encryption in ContentEncryption::ALL {
            let token = jwe::encrypt(key.encryption_key(), encryption, Some("text"), b"content");
            if let KeyManagement::Direct(expected) = algorithm
                && expected != encryption
            {
                let found = encryption;
                let error = EncryptionError::ContentEncryptionMismatch { expected, found };
                assert_eq!(token, Err(error));
                continue;
            }
            let opened = decrypt(&token.unwrap(), key).unwrap();
            assert_eq!(opened.plaintext(), b"content", "{algorithm} {encryption}");
            assert_eq!(opened.key_id(), key.key_id());
            assert_eq!(opened.header().algorithm(), algorithm.as_str());
            assert_eq!(opened.header().encryption(), encryption.as_str());
            assert_eq!(opened.header().content_type(), Some("text"));
        }
    }
}

#[test]
fn keys_are_agreed_on_with_every_curve() {
    for curve in [
        AgreementCurve::P256,
        AgreementCurve::P384,
        AgreementCurve::P521,
        AgreementCurve::X25519,
    ] {
        for algorithm in [
            KeyManagement::EcdhEs,
            KeyManagement::EcdhEsA128Kw,
            KeyManagement::EcdhEsA256Kw,
        ] {
            let key = DecryptionKey::generate_on(curve, algorithm).unwrap();
            let encryption = ContentEncryption::A128Gcm;
            let token = jwe::encrypt(key.encryption_key(), encryption, None, b"x").unwrap();
            assert_eq!(decrypt(&token, &key).unwrap().plaintext(), b"x");
            let other = DecryptionKey::generate_on(curve, algorithm).unwrap();
            assert!(decrypt(&token, &other).is_err());
        }
    }
}

#[test]
fn no_two_tokens_are_the_same() {
    for &algorithm in KeyManagement::ALL {
        let key = key_of(algorithm).encryption_key();
        let encrypt = || jwe::encrypt(key, encryption_of(algorithm), None, b"same").unwrap();
        let (first, second) = (encrypt(), encrypt());
        let differ = first
            .split('.')
            .zip(second.split('.'))
            .skip(2)
            .all(|(first, second)| first != second);
        assert!(differ, "{algorithm}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_token_with_any_bit_flipped_is_refused(
        algorithm in prop::sample::select(KeyManagement::ALL),
        plaintext in vec(any::<u8>(), 0..80),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..7,
    ) {
        let key = key_of(algorithm);
        let encryption = encryption_of(algorithm);
        let token = jwe::encrypt(key.encryption_key(), encryption, None, &plaintext).unwrap();
        let opened = decrypt(&token, key).unwrap();
        prop_assert_eq!(opened.plaintext(), &plaintext, "the control");
        let mut altered = token.into_bytes();
        let at = at.index(altered.len());
        altered[at] ^= 1 << bit;
        let altered = String::from_utf8(altered).unwrap();
        prop_assert!(decrypt(&altered, key).is_err(), "{}", altered);
    }

    #[test]
    fn no_text_and_no_parts_panic(
        text in ".*",
        parts in vec(vec(any::<u8>(), 0..80), 4),
        algorithm in prop::sample::select(KeyManagement::ALL),
        member in "epk|apu|apv|iv|tag|kid|crit|zip",
        value in r#"("[a-zA-Z0-9_-]{0,40}"|1|\{"kty":"EC","crv":"P-256","x":"[A-Z]{43}","y":"[A-Z]{43}"\}|\[\]|null)"#,
    ) {
        let key = key_of(algorithm);
        prop_assert!(decrypt(&text, key).is_err());
        let encryption = encryption_of(algorithm);
        let header = format!(r#"{{"alg":"{algorithm}","enc":"{encryption}","{member}":{value}}}"#);
        let mut token = bulla_jose::base64url::encode(header.as_bytes());
        for part in parts {
            token.push('.');
            token.push_str(&bulla_jose::base64url::encode(&part));
        }
        prop_assert!(decrypt(&token, key).is_err());
    }
}
