use bulla_jose::{
    json::Reason,
    jwa::Algorithm,
    jws::MAX_TOKEN_BYTES,
    jwt::{self, SignError, UnverifiedJwt},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::key_of;

#[derive(Serialize)]
struct Claims {
    iss: &'static str,
    #[serde(flatten)]
    custom: Map<String, Value>,
}

fn with_custom(name: &str) -> Claims {
    let custom = Map::from_iter([(name.to_owned(), 1.into())]);
    Claims {
        iss: "bulla",
        custom,
    }
}

#[test]
fn the_header_names_type_algorithm_and_key() {
    let key = key_of(Algorithm::Es256);
    for typ in ["at+jwt", "JWT", "at+jwt"] {
        let token = jwt::sign(key, typ, &json!({})).unwrap();
        let unverified = UnverifiedJwt::decode(&token).unwrap();
        let expected = format!(
            r#"{{"typ":"{typ}","alg":"ES256","kid":"{}"}}"#,
            key.key_id()
        );
        assert_eq!(unverified.header_json(), expected);
    }
}

#[test]
fn claims_that_nobody_would_accept_are_not_signed() {
    let key = key_of(Algorithm::Es256);
    assert!(
        jwt::sign(key, "JWT", &with_custom("team")).is_ok(),
        "the control"
    );
    let Err(SignError::Claims(error)) = jwt::sign(key, "JWT", &with_custom("iss")) else {
        panic!("a custom claim replaced the issuer");
    };
    assert_eq!(error.reason, Reason::DuplicateMember);
    assert!(matches!(
        jwt::sign(key, "JWT", "text"),
        Err(SignError::Claims(_))
    ));
    assert!(matches!(
        jwt::sign(key, "JWT", &[1, 2]),
        Err(SignError::Claims(_))
    ));
}

#[test]
fn a_token_that_verifiers_refuse_unread_is_not_signed() {
    let key = key_of(Algorithm::Hs256);
    let sign = |bytes| jwt::sign(key, "JWT", &json!({ "note": "x".repeat(bytes) }));
    let shortest = sign(0).unwrap().len();
    // Three bytes of a payload are four of its token.
    let room = (MAX_TOKEN_BYTES - shortest) / 4 * 3;
    let token = sign(room).unwrap();
    assert!(UnverifiedJwt::decode(&token).is_ok(), "the control");
    let error = sign(room + 6).unwrap_err();
    assert!(
        matches!(error, SignError::TooLong { found } if found > MAX_TOKEN_BYTES),
        "{error}"
    );
}
