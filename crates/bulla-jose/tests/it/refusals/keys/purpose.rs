//! What a key says it is for (RFC 7517 sections 4.2 to 4.4).

use bulla_jose::{base64url::encode, jwa::Algorithm, jwk::KeyError};
use serde_json::{Value, json};

use super::{public, read, refused, with};

#[test]
fn a_key_for_encryption_is_refused() {
    let jwk = public(Algorithm::Es256);
    assert!(
        read(&with(jwk.clone(), "use", "sig")).is_ok(),
        "the control"
    );
    assert!(
        read(&with(jwk.clone(), "use", Value::Null)).is_ok(),
        "the control"
    );
    for other in ["enc", "", "Sig"] {
        refused(
            &with(jwk.clone(), "use", other),
            &KeyError::UseRefused(other.to_owned()),
        );
    }
    assert!(matches!(
        read(&with(jwk, "use", 1)),
        Err(KeyError::MemberInvalid { member: "use", .. })
    ));
}

#[test]
fn a_key_that_may_not_verify_is_refused() {
    let jwk = public(Algorithm::Es256);
    for good in [json!(["verify"]), json!(["sign", "verify"])] {
        assert!(
            read(&with(jwk.clone(), "key_ops", good)).is_ok(),
            "the control"
        );
    }
    for other in [json!([]), json!(["sign"]), json!(["encrypt", "wrapKey"])] {
        refused(
            &with(jwk.clone(), "key_ops", other),
            &KeyError::OperationRefused("verify"),
        );
    }
    for invalid in [
        json!("verify"),
        json!([1]),
        json!(["verify", "verify"]),
        json!({}),
    ] {
        let error = read(&with(jwk.clone(), "key_ops", invalid)).unwrap_err();
        assert!(
            matches!(
                error,
                KeyError::MemberInvalid {
                    member: "key_ops",
                    ..
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn a_key_with_endless_operations_is_refused() {
    let operations = |count: usize| {
        let others = (1..count).map(|at| format!("x{at}"));
        let all: Vec<String> = others.chain(["verify".to_owned()]).collect();
        with(public(Algorithm::Es256), "key_ops", all)
    };
    assert!(read(&operations(16)).is_ok(), "the control");
    for count in [17, 130_000] {
        let member = "key_ops";
        let expected = "an array of at most 16 different strings";
        refused(
            &operations(count),
            &KeyError::MemberInvalid { member, expected },
        );
    }
}

#[test]
fn a_key_for_another_algorithm_than_its_type_can_do_is_refused() {
    let cases = [
        (Algorithm::Es256, "ES384"),
        (Algorithm::Es256, "HS256"),
        (Algorithm::Rs256, "HS256"),
        (Algorithm::Rs256, "ES256"),
        (Algorithm::EdDsa, "ES256"),
        (Algorithm::MlDsa44, "EdDSA"),
    ];
    for (made, stated) in cases {
        assert!(read(&public(made)).is_ok(), "the control");
        let reason = KeyError::AlgorithmMismatch(stated.parse().unwrap());
        refused(&with(public(made), "alg", stated), &reason);
    }
    let secret = json!({ "kty": "oct", "k": encode(&[7; 64]) });
    assert!(
        read(&with(secret.clone(), "alg", "HS512")).is_ok(),
        "the control"
    );
    let reason = KeyError::AlgorithmMismatch(Algorithm::Rs256);
    refused(&with(secret, "alg", "RS256"), &reason);
}

#[test]
fn a_key_for_an_unknown_algorithm_is_refused() {
    let known = with(public(Algorithm::Rs256), "alg", "RS256");
    assert!(read(&known).is_ok(), "the control");
    for name in ["RSA-OAEP-256", "none", "rs256", "ES521"] {
        let jwk = with(public(Algorithm::Rs256), "alg", name);
        refused(&jwk, &KeyError::AlgorithmUnsupported(name.to_owned()));
    }
}
