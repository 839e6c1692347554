use std::borrow::Cow;

use bulla_jose::{
    jwa::Algorithm,
    jwk::JwkSet,
    jwt::{self, Audience, Issuer, Scratch, UnixTime, VerificationPolicy},
};
use serde::{Deserialize, Serialize};

use super::key_of;
use crate::forge::{self, NOW};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: Vec<String>,
    sub: String,
    exp: u64,
    iat: u64,
    nbf: u64,
    roles: Vec<String>,
}

fn claims() -> Claims {
    Claims {
        iss: "https://login.example.com".into(),
        aud: vec!["other".into(), "api".into()],
        sub: "usr_1".into(),
        exp: NOW + 900,
        iat: NOW,
        nbf: NOW,
        roles: vec!["admin".into()],
    }
}

#[test]
fn what_a_key_of_any_algorithm_signs_it_verifies() {
    for &algorithm in Algorithm::ALL {
        let key = key_of(algorithm);
        let token = jwt::sign(key, "at+jwt", &claims()).unwrap();
        let keys = JwkSet::new(vec![key.verifying_key().clone()]);
        let policy = VerificationPolicy::new(
            Issuer::new("https://login.example.com").unwrap(),
            Audience::new("api").unwrap(),
            &["at+jwt"],
            &[algorithm],
        );
        // The second time the header is recognised.
        for _ in 0..2 {
            let now = UnixTime::from_seconds(NOW);
            let verified = jwt::verify::<Claims>(&token, &keys, &policy, now).unwrap();
            assert_eq!(*verified.claims(), claims(), "{algorithm}");
            assert_eq!(verified.algorithm(), algorithm);
            assert_eq!(verified.key_id(), Some(key.key_id()));
            assert_eq!(verified.expires_at().as_seconds(), NOW + 900);
            assert_eq!(verified.issued_at().map(UnixTime::as_seconds), Some(NOW));
            assert_eq!(verified.not_before().map(UnixTime::as_seconds), Some(NOW));
        }
    }
}

#[test]
fn claims_can_be_borrowed_from_memory_that_is_used_again() {
    #[derive(Deserialize)]
    struct Borrowed<'a> {
        #[serde(borrow)]
        sub: Cow<'a, str>,
    }
    let mut scratch = Scratch::default();
    for (written, meant) in [
        ("usr_1", "usr_1"),
        (r"\u0075sr_2", "usr_2"),
        ("usr_3", "usr_3"),
    ] {
        let claims = forge::CLAIMS.replace("usr_1", written);
        let token = forge::with_claims(claims);
        let now = UnixTime::from_seconds(NOW);
        let (keys, policy) = (forge::keys(), forge::policy());
        let verified =
            jwt::verify_in::<Borrowed<'_>>(&token, &keys, &policy, now, &mut scratch).unwrap();
        let subject = verified.into_claims().sub;
        assert_eq!(subject, meant);
        assert_eq!(matches!(subject, Cow::Borrowed(_)), written == meant);
    }
}

#[test]
fn claims_of_another_shape_are_refused_without_quoting_them() {
    let token = forge::with_claim(r#""roles":"swordfish""#);
    let (keys, now) = (forge::keys(), UnixTime::from_seconds(NOW));
    let error = jwt::verify::<Claims>(&token, &keys, &forge::policy(), now).unwrap_err();
    assert_eq!(error.code(), "token_claim_invalid");
    assert!(!format!("{error} {error:?}").contains("swordfish"));
}

#[test]
fn an_ended_token_is_accepted_only_where_that_is_asked_for() {
    let token = forge::with_claims(forge::CLAIMS);
    let (keys, policy) = (forge::keys(), forge::policy());
    let late = UnixTime::from_seconds(NOW + 1_000_000);
    let error = jwt::verify::<serde_json::Value>(&token, &keys, &policy, late).unwrap_err();
    assert_eq!(error.code(), "token_expired");
    let ended = |token: &str| {
        jwt::dangerous::verify_ended::<serde_json::Value>(token, &keys, &policy, late)
    };
    assert_eq!(ended(&token).unwrap().claims()["sub"], "usr_1");
    let other = forge::with_claims(forge::CLAIMS.replace("bulla", "other"));
    assert_eq!(ended(&other).unwrap_err().code(), "token_issuer_mismatch");
}
