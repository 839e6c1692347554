use bulla_jose::jwt::UnverifiedJwt;
use serde_json::Value;

use crate::forge;

#[test]
fn a_token_can_be_shown_without_being_trusted() {
    let header = r#"{"alg":"none","typ":"JWT","kid":"k","cty":"x","x":1,"crit":["x"]}"#;
    let token = forge::with_header(header);
    let unverified = UnverifiedJwt::decode(&token).unwrap();
    assert_eq!(unverified.token(), token);
    assert_eq!(unverified.header_json(), header);
    assert_eq!(unverified.header().algorithm(), "none");
    assert_eq!(unverified.header().key_id(), Some("k"));
    assert_eq!(unverified.header().typ(), Some("JWT"));
    assert_eq!(unverified.header().content_type(), Some("x"));
    assert_eq!(unverified.header().critical(), ["x"]);
    let claims: Value = unverified.dangerous_claims_without_verification().unwrap();
    assert_eq!(claims["sub"], "usr_1");
}

#[test]
fn a_payload_that_is_no_object_can_be_decoded_but_not_shown() {
    let token = forge::with_claims("[]");
    let unverified = UnverifiedJwt::decode(&token).unwrap();
    let claims = unverified.dangerous_claims_without_verification::<Value>();
    assert_eq!(claims.unwrap_err().code(), "token_malformed");
}

#[test]
fn what_is_no_token_is_not_decoded() {
    let good = forge::with_claims(forge::CLAIMS);
    assert!(UnverifiedJwt::decode(&good).is_ok(), "the control");
    for bad in [
        "",
        "a",
        "a.b.c",
        "..",
        &format!("{good}="),
        &format!(" {good}"),
        &format!("{good}."),
    ] {
        let error = UnverifiedJwt::decode(bad).unwrap_err();
        assert_eq!(error.code(), "token_malformed", "{bad}");
    }
}

#[test]
fn whom_a_token_names_is_known_before_it_is_verified() {
    let named = |claims: &str| {
        let token = forge::with_claims(claims);
        let unverified = UnverifiedJwt::decode(&token).unwrap();
        unverified.dangerous_audiences_without_verification()
    };
    for (claims, audiences) in [
        (r#"{"aud":"a"}"#, &["a"][..]),
        (r#"{"aud":["a","\u0062"]}"#, &["a", "b"]),
        (r#"{"aud":[]}"#, &[]),
    ] {
        assert_eq!(named(claims).unwrap(), audiences, "{claims}");
    }
    for (claims, code) in [
        ("{}", "token_claim_invalid"),
        (r#"{"aud":7}"#, "token_claim_invalid"),
        (r#"{"aud":["a",7]}"#, "token_claim_invalid"),
        (r#"{"aud":"a","aud":"b"}"#, "token_malformed"),
        ("[]", "token_malformed"),
    ] {
        assert_eq!(named(claims).unwrap_err().code(), code, "{claims}");
    }
}
