//! Altered tokens: whatever was altered, the answer is the same.

use bulla_jose::{
    base64url::{decode, encode},
    jwa::{ContentEncryption, KeyManagement},
    jwe::{self, DecryptionError, DecryptionPolicy, Malformed, Part},
};

use super::{opened, token_for, with_part};
use crate::jwe::key_of;

const PARTS: [Part; 5] = [
    Part::Header,
    Part::EncryptedKey,
    Part::InitializationVector,
    Part::Ciphertext,
    Part::AuthenticationTag,
];

#[test]
fn every_altered_part_is_refused_with_one_and_the_same_error() {
    for &algorithm in KeyManagement::ALL {
        let token = token_for(algorithm);
        assert_eq!(opened(algorithm, &token), Ok(()), "the control");
        for index in 1..5 {
            let part = token.split('.').nth(index).unwrap();
            let mut bytes = decode(part.as_bytes()).unwrap();
            let Some(last) = bytes.last_mut() else {
                continue;
            };
            *last ^= 1;
            let altered = with_part(&token, index, &encode(&bytes));
            let error = opened(algorithm, &altered).unwrap_err();
            assert_eq!(error, DecryptionError::Failed, "{algorithm} {index}");
            let shortened = with_part(&token, index, &encode(&bytes[1..]));
            let error = opened(algorithm, &shortened).unwrap_err();
            assert_eq!(error, DecryptionError::Failed, "{algorithm} {index}");
        }
        let other = DecryptionError::Failed.code();
        assert_eq!(other, "token_decryption_failed");
    }
}

#[test]
fn parts_of_two_tokens_do_not_fit_together() {
    for &algorithm in KeyManagement::ALL {
        let (token, other) = (token_for(algorithm), token_for(algorithm));
        assert_eq!(opened(algorithm, &other), Ok(()), "the control");
        for index in 2..5 {
            let part = other.split('.').nth(index).unwrap();
            let mixed = with_part(&token, index, part);
            assert_eq!(opened(algorithm, &mixed), Err(DecryptionError::Failed));
        }
    }
}

#[test]
fn an_encrypted_key_where_there_is_none_is_refused() {
    for algorithm in [
        KeyManagement::Direct(ContentEncryption::A256Gcm),
        KeyManagement::EcdhEs,
    ] {
        let token = token_for(algorithm);
        assert_eq!(opened(algorithm, &token), Ok(()), "the control");
        let error = opened(algorithm, &with_part(&token, 1, "AAAA")).unwrap_err();
        assert_eq!(error, Malformed::EncryptedKeyPresent.into());
    }
}

#[test]
fn a_content_key_of_another_length_is_refused() {
    // The header says A128GCM; the key that was wrapped is one for A256GCM.
    let algorithm = KeyManagement::A128Kw;
    let key = key_of(algorithm).encryption_key();
    let encrypt = |encryption| jwe::encrypt(key, encryption, None, b"x").unwrap();
    let token = encrypt(ContentEncryption::A128Gcm);
    assert_eq!(opened(algorithm, &token), Ok(()), "the control");
    let longer = encrypt(ContentEncryption::A256Gcm);
    let mixed = with_part(&token, 1, longer.split('.').nth(1).unwrap());
    assert_eq!(opened(algorithm, &mixed), Err(DecryptionError::Failed));
}

#[test]
fn a_part_that_is_not_canonical_base64url_is_refused() {
    let algorithm = KeyManagement::A128Kw;
    let token = token_for(algorithm);
    assert_eq!(opened(algorithm, &token), Ok(()), "the control");
    for (index, part) in PARTS.into_iter().enumerate() {
        let good = token.split('.').nth(index).unwrap();
        for bad in ["=", " ", "\n", "+", "/", "\u{e9}"] {
            let altered = with_part(&token, index, &format!("{good}{bad}"));
            let error = opened(algorithm, &altered).unwrap_err();
            assert_eq!(error, Malformed::Encoding(part).into());
        }
    }
}

#[test]
fn a_text_that_is_no_compact_jwe_is_refused() {
    let algorithm = KeyManagement::A128Kw;
    let token = token_for(algorithm);
    assert_eq!(opened(algorithm, &token), Ok(()), "the control");
    let refused = |text: &str, reason: Malformed| {
        assert_eq!(opened(algorithm, text), Err(reason.into()), "{text}");
    };
    refused("", Malformed::Parts { found: 1 });
    refused("a.b.c.d", Malformed::Parts { found: 4 });
    refused(&format!("{token}."), Malformed::Parts { found: 6 });
    refused("a.b.c", Malformed::NotEncrypted);
    refused(
        r#" {"protected":"a.b.c.d.e"}"#,
        Malformed::JsonSerialization,
    );
    assert!(opened(algorithm, &format!("{token}\n")).is_err());
}

#[test]
fn a_token_longer_than_the_policy_allows_is_refused() {
    let algorithm = KeyManagement::A128Kw;
    let token = token_for(algorithm);
    let found = token.len();
    let policy = DecryptionPolicy::new(ContentEncryption::ALL);
    let keys = [key_of(algorithm).clone()];
    let decrypt = |limit| jwe::decrypt(&token, &keys, &policy.clone().with_max_token_bytes(limit));
    assert!(decrypt(found).is_ok(), "the control");
    let limit = found - 1;
    let error = decrypt(limit).unwrap_err();
    assert_eq!(error, Malformed::TooLong { limit, found }.into());
    let long = "a".repeat(16 * 1024 + 1);
    let (limit, found) = (16 * 1024, 16 * 1024 + 1);
    let error = opened(algorithm, &long).unwrap_err();
    assert_eq!(error, Malformed::TooLong { limit, found }.into());
}
