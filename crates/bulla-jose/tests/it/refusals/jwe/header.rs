//! Headers that ask for what must not be done.

use aws_lc_rs::{
    cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    hmac,
};
use bulla_jose::{
    base64url::{decode, encode},
    jwa::{Algorithm, ContentEncryption, KeyManagement},
    jwe::{self, DecryptionError, DecryptionPolicy, Malformed},
};
use serde_json::{Value, json};

use super::{opened, token_for, with_header};
use crate::jwe::key_of;

const KEY: KeyManagement = KeyManagement::A256Kw;

fn header_of(token: &str) -> Value {
    let encoded = token.split('.').next().expect("a header");
    serde_json::from_slice(&decode(encoded.as_bytes()).expect("base64url")).expect("JSON")
}

/// A good token, but with one member of its header replaced, or removed if the value is null.
fn with(algorithm: KeyManagement, member: &str, value: Value) -> Result<(), DecryptionError> {
    let token = token_for(algorithm);
    assert_eq!(opened(algorithm, &token), Ok(()), "the control");
    let mut header = header_of(&token);
    let members = header.as_object_mut().expect("an object");
    match value {
        Value::Null => members.remove(member),
        value => members.insert(member.to_owned(), value),
    };
    opened(algorithm, &with_header(&token, &header.to_string()))
}

#[track_caller]
fn malformed_member(algorithm: KeyManagement, member: &'static str, value: Value) {
    let error = with(algorithm, member, value).expect_err("accepted");
    let expected = matches!(
        error,
        DecryptionError::Malformed(Malformed::HeaderMember { name, .. }) if name == member
    );
    assert!(expected, "{error}");
}

#[test]
fn compressed_content_is_refused() {
    for zip in [json!("DEF"), json!("none"), json!(1)] {
        let error = with(KEY, "zip", zip).unwrap_err();
        assert_eq!(error, DecryptionError::CompressionRefused);
    }
}

#[test]
fn critical_extensions_are_refused() {
    let names = vec!["x".to_owned()];
    let token = token_for(KEY);
    let mut header = header_of(&token);
    header["x"] = 1.into();
    header["crit"] = json!(["x"]);
    let error = opened(KEY, &with_header(&token, &header.to_string())).unwrap_err();
    assert_eq!(error, DecryptionError::CriticalUnsupported { names });
    for crit in [json!([]), json!(["enc"]), json!(["missing"]), json!("x")] {
        let error = with(KEY, "crit", crit).unwrap_err();
        assert_eq!(error.code(), "token_malformed");
    }
}

#[test]
fn a_key_management_that_the_key_is_not_for_is_refused() {
    for name in [
        "A128KW",
        "A256GCMKW",
        "dir",
        "RSA1_5",
        "RSA-OAEP",
        "PBES2-HS256+A128KW",
        "none",
        "a256kw",
    ] {
        let error = with(KEY, "alg", name.into()).unwrap_err();
        let expected = DecryptionError::AlgorithmRefused {
            expected: vec![KEY],
            found: name.to_owned(),
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn an_unknown_key_management_lists_those_of_many_keys_once() {
    let token = token_for(KEY);
    let mut header = header_of(&token);
    header["alg"] = "none".into();
    let unknown = with_header(&token, &header.to_string());
    let keys = vec![key_of(KEY).clone(); 100];
    let policy = DecryptionPolicy::new(ContentEncryption::ALL);
    assert!(jwe::decrypt(&token, &keys, &policy).is_ok(), "the control");
    let error = jwe::decrypt(&unknown, &keys, &policy).unwrap_err();
    let expected = vec![KEY];
    let found = "none".to_owned();
    assert_eq!(error, DecryptionError::AlgorithmRefused { expected, found });
}

#[test]
fn a_content_encryption_that_the_policy_does_not_name_is_refused() {
    let key = key_of(KEY);
    let accepted = ContentEncryption::A256Gcm;
    let policy = DecryptionPolicy::new(&[accepted]);
    let decrypt = |encryption| {
        let token = jwe::encrypt(key.encryption_key(), encryption, None, b"x").unwrap();
        jwe::decrypt(&token, std::slice::from_ref(key), &policy)
    };
    assert!(decrypt(accepted).is_ok(), "the control");
    let error = decrypt(ContentEncryption::A128Gcm).unwrap_err();
    let expected = DecryptionError::ContentEncryptionRefused {
        expected: vec![accepted],
        found: "A128GCM".to_owned(),
    };
    assert_eq!(error, expected);
    let error = with(KEY, "enc", "A192GCM".into()).unwrap_err();
    assert_eq!(error.code(), "token_algorithm_refused");
}

#[test]
fn a_header_that_lacks_what_it_needs_is_refused() {
    malformed_member(KEY, "enc", Value::Null);
    malformed_member(KEY, "enc", json!(1));
    for value in [
        Value::Null,
        json!(1),
        json!({}),
        json!({ "kty": "oct", "k": "AAAA" }),
    ] {
        malformed_member(KeyManagement::EcdhEs, "epk", value);
    }
    for member in ["iv", "tag"] {
        for value in [Value::Null, json!(1), json!("AAA=")] {
            malformed_member(KeyManagement::A128GcmKw, member, value);
        }
    }
    for member in ["apu", "apv"] {
        malformed_member(KeyManagement::EcdhEs, member, json!("A"));
    }
    let error = with(KEY, "alg", Value::Null).unwrap_err();
    assert_eq!(error.code(), "token_malformed");
}

#[test]
fn a_header_with_a_repeated_member_is_refused() {
    let token = token_for(KEY);
    let header = header_of(&token).to_string();
    let twice = format!(r#"{{"enc":"A256GCM",{}"#, &header[1..]);
    let error = opened(KEY, &with_header(&token, &twice)).unwrap_err();
    assert_eq!(error.code(), "token_malformed");
}

#[test]
fn an_ephemeral_key_with_a_secret_in_it_is_refused() {
    let algorithm = KeyManagement::EcdhEs;
    let with_member = |name: &str| {
        let mut epk = header_of(&token_for(algorithm))["epk"].clone();
        epk[name] = "AAAA".into();
        epk
    };
    // What may be ignored is; only then does the altered header spoil the tag.
    let ignored = with(algorithm, "epk", with_member("x5t"));
    assert_eq!(ignored, Err(DecryptionError::Failed), "the control");
    for secret in ["d", "k", "p", "priv"] {
        malformed_member(algorithm, "epk", with_member(secret));
    }
}

#[test]
fn an_ephemeral_key_that_nothing_can_be_agreed_with_is_refused() {
    // Whether it is a point, and on the recipient's curve, is proved where keys are agreed on.
    let secp256k1 = crate::jwt::key_of(Algorithm::Es256k);
    let rsa = crate::jwt::key_of(Algorithm::Rs256);
    let ed25519 = crate::jwt::key_of(Algorithm::EdDsa);
    let signing = [secp256k1, rsa, ed25519];
    let jwks = signing.map(|key| key.verifying_key().public_jwk().unwrap());
    let empty = json!({ "kty": "EC", "crv": "P-256", "x": "", "y": "" });
    for epk in jwks.into_iter().chain([empty]) {
        malformed_member(KeyManagement::EcdhEs, "epk", epk.clone());
        malformed_member(KeyManagement::EcdhEsA256Kw, "epk", epk);
    }
}

/// Encrypted by an attacker to a key of his own, which the header brings along: all of it holds, but for the key.
#[test]
fn a_key_that_the_header_brings_is_not_used() {
    let algorithm = KeyManagement::Direct(ContentEncryption::A128CbcHs256);
    let sealed_with = |secret: &[u8]| {
        let jwk = json!({ "kty": "oct", "k": encode(secret) });
        let header = json!({ "alg": "dir", "enc": "A128CBC-HS256", "jwk": jwk }).to_string();
        sealed(secret, &header)
    };
    let key = key_of(algorithm);
    let own = key.private_bytes().unwrap();
    assert_eq!(opened(algorithm, &sealed_with(&own)), Ok(()), "the control");
    let error = opened(algorithm, &sealed_with(&[7; 32])).unwrap_err();
    assert_eq!(error, DecryptionError::Failed);
}

/// A token with this header as it is written, by A128CBC-HS256 as RFC 7518 section 5.2.2 composes it.
fn sealed(secret: &[u8], header: &str) -> String {
    let (mac_key, cipher_key) = secret.split_at(16);
    let cipher = UnboundCipherKey::new(&AES_128, cipher_key).expect("a cipher");
    let mut ciphertext = b"content".to_vec();
    let iv = [9; 16];
    PaddedBlockEncryptingKey::cbc_pkcs7(cipher)
        .expect("a cipher")
        .less_safe_encrypt(&mut ciphertext, EncryptionContext::Iv128(iv.into()))
        .expect("a cipher");
    let header = encode(header.as_bytes());
    let bits = 8 * header.len() as u64;
    let authenticated = [header.as_bytes(), &iv, &ciphertext, &bits.to_be_bytes()].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, mac_key), &authenticated);
    let (iv, ciphertext) = (encode(&iv), encode(&ciphertext));
    format!(
        "{header}..{iv}.{ciphertext}.{}",
        encode(&tag.as_ref()[..16])
    )
}
