//! Signatures that do not hold.

use bulla_jose::{
    base64url::{decode, encode},
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jws::{self, SignatureError},
};

use crate::{
    forge::{CLAIMS, HEADER, accepted, refused, refused_for, with_claims, with_header},
    jwt::key_of,
};

const INVALID: &str = "token_signature_invalid";

fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(ToOwned::to_owned).collect();
    parts.try_into().expect("three parts")
}

#[test]
fn altered_claims_are_refused() {
    let [header, payload, signature] = parts(&with_claims(CLAIMS));
    accepted(&format!("{header}.{payload}.{signature}"));
    let altered = encode(CLAIMS.replace("usr_1", "usr_2").as_bytes());
    refused(&format!("{header}.{altered}.{signature}"), INVALID);
}

#[test]
fn an_altered_header_is_refused() {
    let [_, payload, signature] = parts(&with_claims(CLAIMS));
    let altered = encode(HEADER.replace("at+jwt", "JWT").as_bytes());
    refused(&format!("{altered}.{payload}.{signature}"), INVALID);
    accepted(&with_header(HEADER.replace("at+jwt", "JWT")));
}

#[test]
fn the_payload_is_not_parsed_before_the_signature_holds() {
    let [header, _, signature] = parts(&with_claims(CLAIMS));
    for payload in [
        "{",
        "[]",
        "\u{feff}{}",
        r#"{"a":1,"a":1}"#,
        r#"{"exp":"x"}"#,
    ] {
        refused(
            &format!("{header}.{}.{signature}", encode(payload.as_bytes())),
            INVALID,
        );
    }
    refused(&with_claims("{"), "token_malformed");
}

#[test]
fn a_signature_of_another_length_is_refused() {
    for algorithm in [
        Algorithm::Hs256,
        Algorithm::Es256,
        Algorithm::Rs256,
        Algorithm::EdDsa,
        Algorithm::MlDsa44,
    ] {
        let key = key_of(algorithm);
        let keys = JwkSet::new(vec![key.verifying_key().clone()]);
        let [header, payload, signature] = parts(&jws::sign(key, "JWT", b"x").unwrap());
        let verify = |signature: &[u8]| {
            let token = format!("{header}.{payload}.{}", encode(signature));
            jws::verify(&token, &keys, &[algorithm])
        };
        let good = decode(signature.as_bytes()).unwrap();
        assert!(verify(&good).is_ok(), "the control");
        let longer = [&good[..], &[0]].concat();
        let padded = [&[0], &good[..]].concat();
        for bad in [
            &[][..],
            &good[1..],
            &good[..good.len() - 1],
            &good[..16],
            &longer,
            &padded,
        ] {
            let error = verify(bad).unwrap_err();
            assert!(
                matches!(error, SignatureError::SignatureInvalid { .. }),
                "{error}"
            );
        }
    }
}

#[test]
fn an_ecdsa_signature_of_zeros_or_in_der_is_refused() {
    let key = key_of(Algorithm::Es256);
    let keys = JwkSet::new(vec![key.verifying_key().clone()]);
    let [header, payload, signature] = parts(&jws::sign(key, "JWT", b"x").unwrap());
    let verify = |signature: &[u8]| {
        let token = format!("{header}.{payload}.{}", encode(signature));
        jws::verify(&token, &keys, &[Algorithm::Es256])
    };
    let good = decode(signature.as_bytes()).unwrap();
    assert!(verify(&good).is_ok(), "the control");
    let (r, s) = good.split_at(32);
    let integer = |value: &[u8]| [&[2, 33, 0], value].concat();
    let der = [&[0x30, 70][..], &integer(r), &integer(s)].concat();
    let zero_r = [&[0; 32], s].concat();
    let zero_s = [r, &[0; 32]].concat();
    for bad in [
        &[0; 64][..],
        &[0xff; 64],
        &zero_r,
        &zero_s,
        &der,
        &[s, r].concat(),
    ] {
        let error = verify(bad).unwrap_err();
        assert!(
            matches!(error, SignatureError::SignatureInvalid { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_signature_of_another_key_of_the_same_name_is_refused() {
    for &algorithm in Algorithm::ALL {
        if matches!(
            algorithm.as_str(),
            "RS384" | "RS512" | "PS256" | "PS384" | "PS512"
        ) {
            continue; // One RSA key in this test is enough: making one takes a while.
        }
        let known = key_of(algorithm);
        let bytes = SigningKey::generate(algorithm)
            .unwrap()
            .private_bytes()
            .unwrap();
        let id = known.key_id().clone();
        let other = SigningKey::from_private_bytes(algorithm, id.clone(), &bytes).unwrap();
        let keys = JwkSet::new(vec![known.verifying_key().clone()]);
        let verify = |key| jws::verify(&jws::sign(key, "JWT", b"x").unwrap(), &keys, &[algorithm]);
        assert!(verify(known).is_ok(), "the control");
        let refused = SignatureError::SignatureInvalid { key_id: Some(id) };
        assert_eq!(verify(&other).unwrap_err(), refused, "{algorithm}");
    }
}

#[test]
fn a_token_of_an_unknown_key_is_refused() {
    accepted(&with_header(
        r#"{"alg":"HS256","typ":"JWT","kid":"\u006b1"}"#,
    ));
    let token = with_header(r#"{"alg":"HS256","typ":"JWT","kid":"k2"}"#);
    refused_for(&token, "token_key_unknown", r#"the ID "k2""#);
    let token = with_header(r#"{"alg":"HS256","typ":"JWT","kid":""}"#);
    refused(&token, "token_key_unknown");
}

#[test]
fn a_signature_for_another_algorithm_of_the_key_is_refused() {
    let rs256 = key_of(Algorithm::Rs256);
    let bytes = rs256.private_bytes().unwrap();
    let id = rs256.key_id().clone();
    let ps256 = SigningKey::from_private_bytes(Algorithm::Ps256, id, &bytes).unwrap();
    let both = [Algorithm::Rs256, Algorithm::Ps256];
    let token = jws::sign(&ps256, "JWT", b"x").unwrap();
    let verify = |key: &SigningKey| {
        jws::verify(
            &token,
            &JwkSet::new(vec![key.verifying_key().clone()]),
            &both,
        )
    };
    assert!(verify(&ps256).is_ok(), "the control");
    let error = verify(rs256).unwrap_err();
    assert!(
        matches!(error, SignatureError::AlgorithmRefused { .. }),
        "{error}"
    );
}
