use bulla_guard::{
    access::{Access, AccessPolicy},
    problem::Code,
    refusal::Refusal,
};
use http::StatusCode;

use crate::issuer::{Issuer, claims};

fn challenge(code: Code, detail: &str) -> Option<String> {
    let header = Refusal::new(code, detail).www_authenticate()?;
    Some(header.to_str().unwrap().to_owned())
}

#[test]
fn every_401_has_a_challenge_and_only_a_refused_token_an_error() {
    for code in Code::ALL
        .iter()
        .filter(|code| code.status() == StatusCode::UNAUTHORIZED)
    {
        let challenge = challenge(*code, "why").unwrap();
        let token_refused = code.as_str().starts_with("token_") && *code != Code::TokenMissing;
        let expected = if token_refused {
            r#"Bearer realm="bulla", error="invalid_token", error_description="why""#
        } else {
            r#"Bearer realm="bulla""#
        };
        assert_eq!(challenge, expected, "{code}");
    }
}

#[test]
fn every_403_about_a_token_says_that_it_does_not_reach() {
    for code in Code::ALL
        .iter()
        .filter(|code| code.status() == StatusCode::FORBIDDEN)
    {
        let insufficient =
            r#"Bearer realm="bulla", error="insufficient_scope", error_description="why""#;
        // Another token would not help here.
        let elsewhere = [Code::CsrfRefused, Code::AddressBanned];
        let expected = (!elsewhere.contains(code)).then_some(insufficient);
        assert_eq!(challenge(*code, "why").as_deref(), expected, "{code}");
    }
}

#[test]
fn no_other_status_has_a_challenge() {
    let others = Code::ALL
        .iter()
        .filter(|code| !matches!(code.status().as_u16(), 401 | 403));
    for code in others {
        assert_eq!(challenge(*code, "why"), None, "{code}");
    }
}

#[test]
fn missing_scopes_are_named() {
    let scopes = vec!["orders:read".to_owned(), "orders:delete".to_owned()];
    let policy = AccessPolicy {
        scopes,
        ..AccessPolicy::new(Access::Authenticated)
    };
    let principal = Issuer::new().principal(&claims());
    let refusal = policy.authorize(Some(&principal)).unwrap_err();
    let challenge = refusal.www_authenticate().unwrap();
    let challenge = challenge.to_str().unwrap();
    assert!(
        challenge.ends_with(r#", scope="orders:read orders:delete""#),
        "{challenge}"
    );
}

#[test]
fn what_a_token_says_cannot_break_out_of_the_header() {
    let found = challenge(Code::TokenTypeMismatch, "a\"b\\c\r\nX-Evil: 1\u{e9}\0").unwrap();
    let expected =
        r#"Bearer realm="bulla", error="invalid_token", error_description="a'b/c??X-Evil: 1??""#;
    assert_eq!(found, expected);
}

#[test]
fn a_long_description_is_cut() {
    let found = challenge(Code::TokenMalformed, &"x".repeat(100_000)).unwrap();
    assert!(found.len() < 400, "{}", found.len());
}
