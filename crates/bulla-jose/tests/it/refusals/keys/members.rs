//! Members that are missing or badly written.

use bulla_jose::{
    jwa::Algorithm,
    jwk::{KeyError, VerifyingKey},
};
use serde_json::{Value, json};

use super::{public, read, refused, with};

#[test]
fn a_key_without_a_member_of_its_type_is_refused() {
    let cases = [
        (Algorithm::Es256, vec!["kty", "crv", "x", "y"]),
        (Algorithm::Rs256, vec!["kty", "n", "e"]),
        (Algorithm::EdDsa, vec!["kty", "crv", "x"]),
        (Algorithm::MlDsa44, vec!["kty", "alg", "pub"]),
    ];
    for (algorithm, members) in cases {
        assert!(read(&public(algorithm)).is_ok(), "the control");
        for member in members {
            let jwk = with(public(algorithm), member, Value::Null);
            refused(&jwk, &KeyError::MemberMissing(member));
        }
    }
    refused(&json!({ "kty": "oct" }), &KeyError::MemberMissing("k"));
}

#[test]
fn a_member_that_is_not_canonical_base64url_is_refused() {
    let jwk = public(Algorithm::Es256);
    assert!(read(&jwk).is_ok(), "the control");
    let x = jwk["x"].as_str().unwrap().to_owned();
    for bad in [
        format!("{x}="),
        format!(" {x}"),
        x.replacen(&x[..1], "+", 1),
    ] {
        let error = read(&with(jwk.clone(), "x", bad)).unwrap_err();
        assert!(
            matches!(error, KeyError::MemberInvalid { member: "x", .. }),
            "{error}"
        );
    }
}

#[test]
fn a_key_of_an_unknown_type_is_refused() {
    let known = with(public(Algorithm::Es256), "kty", "EC");
    assert!(read(&known).is_ok(), "the control");
    for kty in ["ec", "EC2", "", "OCT"] {
        let jwk = with(public(Algorithm::Es256), "kty", kty);
        refused(&jwk, &KeyError::KeyTypeUnsupported(kty.to_owned()));
    }
}

#[test]
fn a_key_with_an_unusable_id_is_refused() {
    let jwk = public(Algorithm::Es256);
    assert!(
        read(&with(jwk.clone(), "kid", "k".repeat(256))).is_ok(),
        "the control"
    );
    assert!(
        read(&with(jwk.clone(), "kid", Value::Null)).is_ok(),
        "the control"
    );
    for bad in [json!(""), json!(1), json!("k".repeat(257)), json!("a\nb")] {
        let error = read(&with(jwk.clone(), "kid", bad)).unwrap_err();
        assert!(
            matches!(error, KeyError::MemberInvalid { member: "kid", .. }),
            "{error}"
        );
    }
}

#[test]
fn a_key_that_is_no_strict_json_is_refused() {
    let jwk = public(Algorithm::Es256).to_string();
    let spoilt = [
        jwk.replacen('{', r#"{"kty":"EC","#, 1),
        jwk.replacen('{', r#"{"\u006bty":"EC","#, 1),
        format!("{jwk}x"),
        format!("[{jwk}]"),
        String::new(),
    ];
    assert!(
        VerifyingKey::from_jwk(jwk.as_bytes()).is_ok(),
        "the control"
    );
    for text in spoilt {
        let error = VerifyingKey::from_jwk(text.as_bytes()).unwrap_err();
        assert!(matches!(error, KeyError::Json(_)), "{error}");
    }
}
