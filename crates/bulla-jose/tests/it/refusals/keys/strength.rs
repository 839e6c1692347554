//! Keys that are too weak (RFC 7518 sections 3.2 and 3.3).

use bulla_jose::{
    base64url::{decode, encode},
    jwa::Algorithm,
    jwk::{KeyError, KeyId, SigningKey},
};
use serde_json::json;
use wycheproof_ng_kdf_jose::json_web::{TestName, TestSet};

use super::{public, read, refused, with};

#[test]
fn a_secret_shorter_than_the_hash_is_refused() {
    for (algorithm, minimum) in [
        (Algorithm::Hs256, 32),
        (Algorithm::Hs384, 48),
        (Algorithm::Hs512, 64),
    ] {
        let jwk = |bytes| json!({ "kty": "oct", "alg": algorithm, "k": encode(&vec![7; bytes]) });
        let sign = |bytes| {
            let id = KeyId::new("k1").expect("a key ID");
            SigningKey::from_private_bytes(algorithm, id, &vec![7; bytes])
        };
        assert!(read(&jwk(minimum)).is_ok(), "the control");
        assert!(sign(minimum).is_ok(), "the control");
        for found in [0, 1, minimum - 1] {
            let reason = KeyError::SecretTooShort {
                algorithm,
                minimum,
                found,
            };
            refused(&jwk(found), &reason);
            assert_eq!(sign(found).unwrap_err(), reason);
        }
    }
}

#[test]
fn an_rsa_key_under_2048_bits_is_refused() {
    let jwk = |bytes: usize, first: u8| {
        let mut n = vec![0xff; bytes];
        n[0] = first;
        with(public(Algorithm::Rs256), "n", encode(&n))
    };
    assert!(read(&jwk(256, 0x80)).is_ok(), "the control");
    assert!(read(&jwk(1024, 0xff)).is_ok(), "the control");
    refused(&jwk(256, 0x7f), &KeyError::RsaSizeRefused { bits: 2047 });
    refused(&jwk(128, 0xff), &KeyError::RsaSizeRefused { bits: 1024 });
    refused(&jwk(64, 0xff), &KeyError::RsaSizeRefused { bits: 512 });
    refused(&jwk(1025, 0x01), &KeyError::RsaSizeRefused { bits: 8193 });
}

#[test]
fn an_rsa_key_with_a_useless_modulus_or_exponent_is_refused() {
    let jwk = public(Algorithm::Rs256);
    for good in [&[3][..], &[1, 0, 1]] {
        assert!(
            read(&with(jwk.clone(), "e", encode(good))).is_ok(),
            "the control"
        );
    }
    for bad in [&[1][..], &[2], &[1, 0, 0], &[1, 0, 0, 0, 0, 0, 1]] {
        refused(
            &with(jwk.clone(), "e", encode(bad)),
            &KeyError::PublicKeyInvalid,
        );
    }
    let even = [&[0xff; 255][..], &[0xfe]].concat();
    refused(
        &with(jwk.clone(), "n", encode(&even)),
        &KeyError::PublicKeyInvalid,
    );
    let padded = [
        &[0][..],
        &decode(jwk["n"].as_str().unwrap().as_bytes()).unwrap(),
    ]
    .concat();
    for (member, value) in [("e", vec![]), ("e", vec![0, 1, 0, 1]), ("n", padded)] {
        let error = read(&with(jwk.clone(), member, encode(&value))).unwrap_err();
        assert!(matches!(error, KeyError::MemberInvalid { .. }), "{error}");
    }
}

#[test]
fn an_rsa_key_that_can_be_factored_is_refused() {
    let vectors = TestSet::load(TestName::JsonWebCrypto).unwrap();
    let key_of = |comment: &str| {
        let mut groups = vectors.test_groups.iter();
        let group = groups.find(|group| group.group_comment == comment);
        group.and_then(|group| group.public_key.clone()).unwrap()
    };
    assert!(read(&key_of("jws_rsa")).is_ok(), "the control");
    refused(&key_of("jws_rsa_roca_key"), &KeyError::RsaFactorable);
}
