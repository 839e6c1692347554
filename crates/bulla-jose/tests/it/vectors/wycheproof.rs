//! All JOSE vectors of Project Wycheproof.

use std::collections::BTreeSet;

use bulla_jose::{
    jwa::{Algorithm, ContentEncryption},
    jwe::{self, DecryptionError, DecryptionPolicy},
    jwk::{DecryptionKey, JwkSet, KeyError},
    jws,
};
use serde_json::{Value, json};
use wycheproof_ng_kdf_jose::json_web::{Test, TestGroup, TestName, TestSet};

/// Vectors that differ from what is done here, and why they do.
type Deviations = &'static [(&'static [usize], &'static str)];

const CRYPTO: Deviations = &[(&[47], MIXED_SET)];

const ENCRYPTION: Deviations = &[
    (
        &[
            28, 31, 53, 56, 60, 61, 70, 72, 77, 80, 83, 86, 89, 92, 101, 104,
        ],
        "AES-192 is left out",
    ),
    (
        &[82, 84, 85, 87, 129],
        "RSA-OAEP with SHA-1 is left out; RSA-OAEP-256 is there",
    ),
    (
        &[100, 102, 103, 105, 112, 128],
        "RSA1_5 is left out: its padding is an oracle",
    ),
    (&[135], "compressed content is refused"),
];

const KEY: Deviations = &[
    (&[1], MIXED_SET),
    (
        &[4],
        "two keys may share a kid, as they do around a rotation: each is tried, and the token is signed by one of them",
    ),
];

const MIXED_SET: &str = "a set of one's own may hold secrets beside public keys: each key does one algorithm, so there is \
    nothing to confuse";

const SIGNATURE: Deviations = &[
    (
        &[346, 350],
        "faulty: the token is signed with PS384, its key states PS256",
    ),
    (
        &[347, 351],
        "faulty: the key states ES521, which is no algorithm; the token is signed with ES512",
    ),
    (
        &[367, 370],
        "faulty: called invalid for a padding that the token does not have; it is the token of the valid vectors",
    ),
    (
        &[372, 373],
        "faulty: called valid with a question mark in its base64url",
    ),
];

#[test]
fn json_web_crypto() {
    check(TestName::JsonWebCrypto, 83, CRYPTO);
}

#[test]
fn json_web_encryption() {
    check(TestName::JsonWebEncryption, 139, ENCRYPTION);
}

#[test]
fn json_web_key() {
    check(TestName::JsonWebKey, 26, KEY);
}

#[test]
fn json_web_signature() {
    check(TestName::JsonWebSignature, 401, SIGNATURE);
}

#[test]
fn what_is_left_out_is_refused_by_its_name_and_not_by_a_failure() {
    let set = TestSet::load(TestName::JsonWebEncryption).unwrap();
    let listed = |id| ENCRYPTION.iter().any(|(ids, _)| ids.contains(&id));
    for group in &set.test_groups {
        for test in group.tests.iter().filter(|test| listed(test.tc_id)) {
            let private = group.private_key.as_ref().unwrap().to_string();
            let key = match DecryptionKey::from_jwk(private.as_bytes()) {
                Ok(key) => key,
                Err(KeyError::AlgorithmUnsupported(_)) => continue,
                Err(error) => unreachable!("{error}"),
            };
            let policy = DecryptionPolicy::new(ContentEncryption::ALL);
            let token = text(test.jwe.as_ref().unwrap());
            let error = jwe::decrypt(&token, &[key], &policy).unwrap_err();
            let named = matches!(
                error,
                DecryptionError::ContentEncryptionRefused { .. }
                    | DecryptionError::CompressionRefused
            );
            assert!(named, "{}: {error}", test.tc_id);
        }
    }
}

/// Runs all vectors of a file. Exactly the listed ones may differ.
#[track_caller]
fn check(name: TestName, count: usize, deviations: Deviations) {
    let set = TestSet::load(name).expect("vectors");
    let mut differing = BTreeSet::new();
    let mut run = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            run += 1;
            if accepts(group, test) == test.result.must_fail() {
                differing.insert(test.tc_id);
            }
        }
    }
    assert_eq!(run, count);
    let listed: BTreeSet<usize> = deviations
        .iter()
        .flat_map(|(ids, _)| ids.iter().copied())
        .collect();
    assert_eq!(differing, listed);
}

/// Whether the vector's token is accepted, with the text that it should have.
fn accepts(group: &TestGroup, test: &Test) -> bool {
    if let Some(token) = &test.jwe {
        let private = group.private_key.as_ref().expect("a private key");
        return decrypts(private, &text(token), test.pt.as_deref());
    }
    let token = text(test.jws.as_ref().expect("a token"));
    let key = group.public_key.as_ref().or(group.private_key.as_ref());
    verifies(key.expect("a key"), &token)
}

fn verifies(key: &Value, token: &str) -> bool {
    let set = match key.get("keys") {
        Some(_) => key.clone(),
        None => json!({ "keys": [key] }),
    };
    let set = JwkSet::parse_with_secrets(set.to_string().as_bytes(), &[]).expect("a set");
    jws::verify(token, &set, Algorithm::ALL).is_ok()
}

fn decrypts(key: &Value, token: &str, plaintext: Option<&str>) -> bool {
    let Ok(key) = DecryptionKey::from_jwk(key.to_string().as_bytes()) else {
        return false;
    };
    let policy = DecryptionPolicy::new(ContentEncryption::ALL);
    let Ok(opened) = jwe::decrypt(token, &[key], &policy) else {
        return false;
    };
    let hex: String = opened
        .plaintext()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    plaintext.is_none_or(|expected| expected == hex)
}

/// Some vectors hold a JSON serialisation instead of a text.
fn text(token: &Value) -> String {
    token
        .as_str()
        .map_or_else(|| token.to_string(), str::to_owned)
}
