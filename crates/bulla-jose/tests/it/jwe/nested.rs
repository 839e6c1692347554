use bulla_jose::{
    jwa::{ContentEncryption, KeyManagement},
    jwe::{
        self, DecryptionPolicy,
        nested::{self, NestedError},
    },
    jwk::{JwkSet, KeyId, SigningKey},
    jwt::{UnixTime, VerifiedJwt},
};
use serde_json::{Value, json};

use super::key_of;
use crate::forge::{self, NOW, SECRET};

const ENCRYPTION: ContentEncryption = ContentEncryption::A256Gcm;
const RECIPIENT: KeyManagement = KeyManagement::EcdhEsA256Kw;

fn verify(token: &str) -> Result<VerifiedJwt<Value>, NestedError> {
    let keys: JwkSet = forge::keys();
    nested::verify(
        token,
        std::slice::from_ref(key_of(RECIPIENT)),
        &DecryptionPolicy::new(&[ENCRYPTION]),
        &keys,
        &forge::policy(),
        UnixTime::from_seconds(NOW),
    )
}

fn encrypt(content_type: Option<&str>, signed: &[u8]) -> String {
    let recipient = key_of(RECIPIENT).encryption_key();
    jwe::encrypt(recipient, ENCRYPTION, content_type, signed).expect("a token")
}

#[test]
fn what_is_signed_then_encrypted_is_decrypted_then_verified() {
    let id = KeyId::new("k1").unwrap();
    let signer =
        SigningKey::from_private_bytes(bulla_jose::jwa::Algorithm::Hs256, id, SECRET).unwrap();
    let claims = json!({ "iss": "bulla", "aud": "api", "sub": "usr_1", "exp": NOW + 900 });
    let recipient = key_of(RECIPIENT).encryption_key();
    let token = nested::sign(&signer, "at+jwt", &claims, recipient, ENCRYPTION).unwrap();
    assert_eq!(verify(&token).unwrap().claims(), &claims);
    assert!(!token.contains(&bulla_jose::base64url::encode(b"usr_1")));
}

#[test]
fn an_encrypted_token_that_is_not_signed_by_a_known_key_is_refused() {
    let good = forge::with_claims(forge::CLAIMS);
    assert!(
        verify(&encrypt(Some("JWT"), good.as_bytes())).is_ok(),
        "the control"
    );
    let encoded: Vec<&str> = good.split('.').collect();
    let foreign = forge::signed_with(&[9; 32], encoded[0], encoded[1]);
    let error = verify(&encrypt(Some("JWT"), foreign.as_bytes())).unwrap_err();
    assert_eq!(error.code(), "token_signature_invalid");
    let claims_alone = encrypt(Some("JWT"), forge::CLAIMS.as_bytes());
    assert_eq!(verify(&claims_alone).unwrap_err().code(), "token_malformed");
    let no_text = encrypt(Some("JWT"), &[0xff, 0xfe]);
    assert_eq!(verify(&no_text).unwrap_err().code(), "token_malformed");
}

#[test]
fn an_encrypted_token_that_does_not_say_what_is_in_it_is_refused() {
    let good = forge::with_claims(forge::CLAIMS);
    for content_type in ["JWT", "jwt"] {
        let token = encrypt(Some(content_type), good.as_bytes());
        assert!(verify(&token).is_ok(), "the control");
    }
    for content_type in [None, Some(""), Some("text/plain")] {
        let error = verify(&encrypt(content_type, good.as_bytes())).unwrap_err();
        assert_eq!(error.code(), "token_type_mismatch");
    }
}

#[test]
fn a_token_that_is_only_signed_is_refused() {
    let good = forge::with_claims(forge::CLAIMS);
    assert!(
        forge::verify(&good).is_ok(),
        "the control: on its own it is good"
    );
    let error = verify(&good).unwrap_err();
    let expected = NestedError::Decryption(jwe::Malformed::NotEncrypted.into());
    assert_eq!(error, expected);
}

#[test]
fn an_expired_token_is_refused_however_it_is_wrapped() {
    let old = forge::with_claims(r#"{"iss":"bulla","aud":"api","sub":"usr_1","exp":1800000000}"#);
    let error = verify(&encrypt(Some("JWT"), old.as_bytes())).unwrap_err();
    assert_eq!(error.code(), "token_expired");
}
