//! Points that are no good (RFC 7518 section 6.2, RFC 8032 section 5.1.3).

use bulla_jose::{
    base64url::{decode, encode},
    jwa::Algorithm,
    jwk::KeyError,
};
use serde_json::Value;

use super::{public, read, refused, with};

const ECDSA: [Algorithm; 4] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Es256k,
];

#[test]
fn a_point_off_its_curve_is_refused() {
    for algorithm in ECDSA {
        let jwk = public(algorithm);
        assert!(read(&jwk).is_ok(), "the control");
        let mut y = decode(jwk["y"].as_str().unwrap().as_bytes()).unwrap();
        *y.last_mut().unwrap() ^= 1;
        refused(&with(jwk.clone(), "y", encode(&y)), &KeyError::PointInvalid);
        let zero = encode(&vec![0; y.len()]);
        let origin = with(with(jwk.clone(), "x", zero.clone()), "y", zero);
        refused(&origin, &KeyError::PointInvalid);
        let beyond_the_field = encode(&vec![0xff; y.len()]);
        refused(&with(jwk, "x", beyond_the_field), &KeyError::PointInvalid);
    }
}

#[test]
fn a_coordinate_of_another_length_is_refused() {
    for algorithm in ECDSA {
        let jwk = public(algorithm);
        assert!(read(&jwk).is_ok(), "the control");
        for member in ["x", "y"] {
            let good = decode(jwk[member].as_str().unwrap().as_bytes()).unwrap();
            let padded = [&[0][..], &good].concat();
            for bad in [&good[1..], &good[..good.len() - 1], &padded, &[]] {
                let error = read(&with(jwk.clone(), member, encode(bad))).unwrap_err();
                assert!(matches!(error, KeyError::MemberInvalid { .. }), "{error}");
            }
        }
    }
    for algorithm in [Algorithm::EdDsa, Algorithm::MlDsa44] {
        assert!(read(&public(algorithm)).is_ok(), "the control");
    }
    let short = with(public(Algorithm::EdDsa), "x", encode(&[1; 31]));
    assert!(matches!(
        read(&short),
        Err(KeyError::MemberInvalid { member: "x", .. })
    ));
    let short = with(public(Algorithm::MlDsa44), "pub", encode(&[1; 1311]));
    assert!(matches!(
        read(&short),
        Err(KeyError::MemberInvalid { member: "pub", .. })
    ));
}

#[test]
fn a_key_of_another_curve_than_it_states_is_refused() {
    let jwk = with(public(Algorithm::Es256), "alg", Value::Null);
    assert!(read(&jwk).is_ok(), "the control");
    assert!(read(&with(jwk.clone(), "crv", "P-384")).is_err());
    refused(
        &with(jwk.clone(), "crv", "secp256k1"),
        &KeyError::PointInvalid,
    );
    for other in ["P-192", "Ed25519", "p-256", ""] {
        refused(
            &with(jwk.clone(), "crv", other),
            &KeyError::CurveUnsupported(other.to_owned()),
        );
    }
    let known = with(public(Algorithm::EdDsa), "crv", "Ed25519");
    assert!(read(&known).is_ok(), "the control");
    for other in ["X25519", "Ed448", "P-256"] {
        let jwk = with(public(Algorithm::EdDsa), "crv", other);
        refused(&jwk, &KeyError::CurveUnsupported(other.to_owned()));
    }
}

#[test]
fn an_ed25519_point_off_the_curve_is_refused() {
    let jwk = |x: [u8; 32]| with(public(Algorithm::EdDsa), "x", encode(&x));
    assert!(read(&public(Algorithm::EdDsa)).is_ok(), "the control");
    let mut off_the_curve = [0; 32];
    off_the_curve[0] = 2;
    refused(&jwk(off_the_curve), &KeyError::PointInvalid);
}

#[test]
fn an_ed25519_point_of_small_order_is_refused() {
    let jwk = |x: &[u8]| with(public(Algorithm::EdDsa), "x", encode(x));
    assert!(read(&public(Algorithm::EdDsa)).is_ok(), "the control");
    let identity = [&[1][..], &[0; 31]].concat();
    let order_two = [&[0xec][..], &[0xff; 30], &[0x7f]].concat();
    let order_four = vec![0; 32];
    for bad in [identity, order_two, order_four] {
        refused(&jwk(&bad), &KeyError::PointInvalid);
    }
}

#[test]
fn an_ed25519_point_in_a_second_spelling_is_refused() {
    let jwk = |x: [u8; 32]| with(public(Algorithm::EdDsa), "x", encode(&x));
    let mut usable = 0;
    for small in 0..19 {
        let mut canonical = [0; 32];
        canonical[0] = small;
        usable += usize::from(read(&jwk(canonical)).is_ok());
        // The same coordinate and 2^255 - 19, which is zero in the field.
        let mut second = [0xff; 32];
        second[0] = 0xed + small;
        second[31] = 0x7f;
        refused(&jwk(second), &KeyError::PointInvalid);
    }
    assert!(
        usable > 4,
        "the control: in their first spelling, some of them are good keys"
    );
}
