//! Claims that are missing, of the wrong type, or not for us, and the second at which a token ends.

use std::time::Duration;

use crate::forge::{
    self, CLAIMS, NOW, accepted, policy, refused_for, verify_at, with_claim, with_claims,
};

const INVALID: &str = "token_claim_invalid";

/// Good claims in which `claim` is written as `value`, or left out.
fn with(claim: &str, value: Option<&str>) -> String {
    let good = [
        ("iss", r#""bulla""#),
        ("aud", r#""api""#),
        ("sub", r#""usr_1""#),
        ("exp", "1800000900"),
    ];
    let mut members: Vec<String> = good
        .iter()
        .filter(|(known, _)| *known != claim)
        .map(|(known, value)| format!(r#""{known}":{value}"#))
        .collect();
    members.extend(value.map(|value| format!(r#""{claim}":{value}"#)));
    with_claims(format!("{{{}}}", members.join(",")))
}

#[test]
fn a_token_without_a_required_claim_is_refused() {
    accepted(&with_claims(CLAIMS));
    for claim in ["iss", "aud", "sub", "exp"] {
        let words = format!("`{claim}` is missing");
        refused_for(&with(claim, None), INVALID, &words);
    }
}

#[test]
fn a_subject_is_required_of_access_tokens_only() {
    let claims = r#"{"iss":"bulla","aud":"api","exp":1800000900}"#;
    accepted(&forge::token(r#"{"alg":"HS256","typ":"JWT"}"#, claims));
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let header = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
        refused_for(&forge::token(header, claims), INVALID, "`sub` is missing");
    }
}

#[test]
fn a_token_without_a_type_is_refused_unless_the_policy_says_otherwise() {
    let untyped = forge::token(r#"{"alg":"HS256"}"#, CLAIMS);
    refused_for(&untyped, INVALID, "`typ` is missing");
    let policy = forge::policy().or_untyped();
    assert!(forge::verify_at(&untyped, &policy, NOW).is_ok());
    assert!(forge::verify_at(&with_claims(CLAIMS), &policy, NOW).is_ok());
    let other = forge::token(r#"{"alg":"HS256","typ":"logout+jwt"}"#, CLAIMS);
    let refused = forge::verify_at(&other, &policy, NOW).unwrap_err();
    assert_eq!(refused.code(), "token_type_mismatch");
}

#[test]
fn times_that_are_no_numbers_are_refused() {
    for claim in ["exp", "nbf", "iat"] {
        accepted(&with(
            claim,
            Some(if claim == "exp" {
                "1800000900"
            } else {
                "1800000000"
            }),
        ));
        for value in [r#""1800000900""#, "null", "true", "[1800000900]", "{}"] {
            let words = format!("`{claim}` is not a number");
            refused_for(&with(claim, Some(value)), INVALID, &words);
        }
    }
}

#[test]
fn times_out_of_range_are_refused() {
    for claim in ["exp", "nbf", "iat"] {
        for value in [
            "-1",
            "-1800000900",
            "1800000900000",
            "253402300800",
            "18446744073709551616",
            "1e300",
            "1e999",
            "-1e999",
        ] {
            let words = format!("`{claim}` is not a time between 1970 and 9999");
            refused_for(&with(claim, Some(value)), INVALID, &words);
        }
    }
    accepted(&with("exp", Some("253402300799")));
    accepted(&with("exp", Some("1.8000009e9")));
    accepted(&with("nbf", Some("0")));
    accepted(&with("iat", Some("0.5")));
}

#[test]
fn texts_that_are_no_strings_are_refused() {
    for claim in ["iss", "sub", "jti"] {
        accepted(&with(claim, Some(r#""bulla""#)));
        for value in ["1", "null", "true", r#"["bulla"]"#, "{}"] {
            let words = format!("`{claim}` is not a string");
            refused_for(&with(claim, Some(value)), INVALID, &words);
        }
    }
}

#[test]
fn an_access_token_for_nobody_is_refused() {
    refused_for(&with("sub", Some("\"\"")), INVALID, "`sub` is empty");
    accepted(&with("sub", Some("\" \"")));
}

#[test]
fn an_audience_that_is_neither_string_nor_strings_is_refused() {
    for value in [
        r#""api""#,
        r#"["api"]"#,
        r#"["x","api"]"#,
        r#"["\u0061pi"]"#,
    ] {
        accepted(&with("aud", Some(value)));
    }
    for value in [
        "1",
        "null",
        "{}",
        r#"["api",1]"#,
        r#"[["api"]]"#,
        r#"["api",null]"#,
    ] {
        let words = "`aud` is not a string or an array of strings";
        refused_for(&with("aud", Some(value)), INVALID, words);
    }
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    accepted(&with("aud", Some(r#"["other","api"]"#)));
    for value in [
        r#""other""#,
        r#""""#,
        "[]",
        r#"["other"]"#,
        r#""API""#,
        r#""api ""#,
        r#"["ap","i"]"#,
    ] {
        let token = with("aud", Some(value));
        refused_for(&token, "token_audience_mismatch", r#"expected: "api""#);
    }
}

#[test]
fn a_token_from_somebody_else_is_refused() {
    accepted(&with("iss", Some(r#""\u0062ulla""#)));
    for value in [
        r#""other""#,
        r#""""#,
        r#""Bulla""#,
        r#""bulla/""#,
        r#"" bulla""#,
    ] {
        let token = with("iss", Some(value));
        refused_for(&token, "token_issuer_mismatch", r#"expected: "bulla""#);
    }
}

fn code_at(token: &str, now: u64, leeway: u64) -> Option<&'static str> {
    let policy = policy().with_leeway(Duration::from_secs(leeway));
    verify_at(token, &policy, now)
        .err()
        .map(|error| error.code())
}

#[test]
fn a_token_is_refused_from_the_second_of_its_end_on() {
    let token = with("exp", Some("1800000900"));
    assert_eq!(code_at(&token, 1_800_000_899, 0), None);
    assert_eq!(code_at(&token, 1_800_000_900, 0), Some("token_expired"));
    assert_eq!(code_at(&token, u64::MAX, 0), Some("token_expired"));
    assert_eq!(code_at(&token, 1_800_000_929, 30), None);
    assert_eq!(code_at(&token, 1_800_000_930, 30), Some("token_expired"));
    let token = with("exp", Some("1800000900.5"));
    assert_eq!(code_at(&token, 1_800_000_900, 0), None);
    assert_eq!(code_at(&token, 1_800_000_901, 0), Some("token_expired"));
    let token = with("exp", Some("0"));
    assert_eq!(code_at(&token, 0, 0), Some("token_expired"));
}

#[test]
fn a_token_is_refused_before_its_time() {
    let token = with("nbf", Some("1800000100"));
    assert_eq!(
        code_at(&token, 1_800_000_099, 0),
        Some("token_not_yet_valid")
    );
    assert_eq!(code_at(&token, 1_800_000_100, 0), None);
    assert_eq!(
        code_at(&token, 1_800_000_069, 30),
        Some("token_not_yet_valid")
    );
    assert_eq!(code_at(&token, 1_800_000_070, 30), None);
    let token = with("nbf", Some("1800000099.5"));
    assert_eq!(
        code_at(&token, 1_800_000_099, 0),
        Some("token_not_yet_valid")
    );
    assert_eq!(code_at(&token, 1_800_000_100, 0), None);
}

#[test]
fn leeway_is_zero_unless_set_and_cannot_overflow() {
    let token = with_claims(CLAIMS);
    assert_eq!(code_at(&token, NOW + 900, 0), Some("token_expired"));
    assert_eq!(code_at(&token, NOW + 900, u64::MAX), None);
}

#[test]
fn claims_that_nobody_knows_are_let_through() {
    accepted(&with_claim(
        r#""exp2":"x","ISS":1,"Aud":null,"nested":{"exp":"x"}"#,
    ));
}
