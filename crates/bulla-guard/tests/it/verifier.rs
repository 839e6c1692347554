use bulla_guard::{
    problem::Code,
    revocation::{RevocationRecord, Target},
};
use bulla_jose::{base64url, jwa::Algorithm, jwk::JwkSet, jwt::UnixTime};
use serde_json::{Value, json};

use crate::issuer::{Issuer, NOW, after, claims, claims_with, claims_without};

/// The code with which the issuer's verifier refuses; panics if it does not.
fn refusal_at(issuer: &Issuer, token: &str, now: UnixTime) -> Code {
    issuer.verifier().verify(token, now).unwrap_err().code
}

fn refusal(issuer: &Issuer, token: &str) -> Code {
    refusal_at(issuer, token, NOW)
}

/// The token with another header; its signature no longer fits.
fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!(
        "{}.{rest}",
        base64url::encode(header.to_string().as_bytes())
    )
}

#[test]
fn a_token_that_holds_tells_who_it_is() {
    let issuer = Issuer::new();
    let principal = issuer.principal(&claims());
    assert_eq!(principal.issuer, "https://issuer.example");
    assert_eq!(principal.subject, "usr_alice");
    assert_eq!(principal.session.as_deref(), Some("session-1"));
    assert_eq!(principal.client_id.as_deref(), Some("bulla"));
    assert_eq!(principal.roles, ["user", "editor"]);
    assert_eq!(principal.scopes, ["orders:read", "orders:write"]);
    assert_eq!(principal.plan.as_deref(), Some("free"));
    assert!(!principal.anonymous);
    assert_eq!(principal.token_id.as_deref(), Some("token-1"));
    assert_eq!(
        principal.key_id.as_deref(),
        Some(issuer.key.key_id().as_str())
    );
    assert_eq!(principal.epoch, Some(3));
    assert_eq!(principal.generation, Some(7));
    assert_eq!(principal.issued_at, Some(NOW));
    assert_eq!(principal.expires_at, after(900));
    assert_eq!(principal.claims["team_id"], "t42");
}

#[test]
fn a_token_of_another_issuer_may_have_none_of_our_claims() {
    let issuer = Issuer::new();
    let bare = json!({
        "iss": "https://issuer.example", "aud": ["other", "api"], "sub": "7",
        "iat": NOW.as_seconds(), "exp": after(1).as_seconds(),
    });
    let principal = issuer.principal(&bare);
    assert_eq!(principal.subject, "7");
    assert_eq!(principal.session, None);
    assert!(principal.roles.is_empty() && principal.scopes.is_empty());
    assert_eq!((principal.plan.clone(), principal.epoch), (None, None));
}

#[test]
fn a_token_ends_to_the_second() {
    let issuer = Issuer::new();
    let token = issuer.sign(&claims());
    assert!(issuer.verifier().verify(&token, after(899)).is_ok());
    assert_eq!(refusal_at(&issuer, &token, after(900)), Code::TokenExpired);
}

#[test]
fn a_token_begins_to_the_second() {
    let issuer = Issuer::new();
    let token = issuer.sign(&claims_with(json!({"nbf": after(5).as_seconds()})));
    assert_eq!(
        refusal_at(&issuer, &token, after(4)),
        Code::TokenNotYetValid
    );
    assert!(issuer.verifier().verify(&token, after(5)).is_ok());
}

#[test]
fn each_mismatch_has_its_code() {
    let issuer = Issuer::new();
    assert!(
        issuer
            .verifier()
            .verify(&issuer.sign(&claims()), NOW)
            .is_ok()
    );
    for (changes, code) in [
        (
            json!({"iss": "https://issuer.example/"}),
            Code::TokenIssuerMismatch,
        ),
        (json!({"aud": "other"}), Code::TokenAudienceMismatch),
        (json!({"aud": []}), Code::TokenAudienceMismatch),
    ] {
        assert_eq!(refusal(&issuer, &issuer.sign(&claims_with(changes))), code);
    }
    let refresh = issuer.sign_as("rt+jwt", &claims());
    assert_eq!(refusal(&issuer, &refresh), Code::TokenTypeMismatch);
}

#[test]
fn a_claim_of_ours_that_is_null_counts_as_none() {
    let issuer = Issuer::new();
    for name in [
        "sid",
        "client_id",
        "roles",
        "scope",
        "plan",
        "anon",
        "epoch",
        "gen",
    ] {
        let null = issuer.principal(&claims_with(json!({ name: null })));
        let mut without = claims();
        without.as_object_mut().unwrap().remove(name);
        let mut none = (*issuer.principal(&without)).clone();
        none.claims.insert(name.to_owned(), json!(null));
        assert_eq!(*null, none, "{name}");
    }
}

#[test]
fn a_missing_or_mistyped_claim_is_refused() {
    let issuer = Issuer::new();
    for name in ["iss", "aud", "sub", "exp"] {
        let token = issuer.sign(&claims_without(name));
        assert_eq!(
            refusal(&issuer, &token),
            Code::TokenClaimInvalid,
            "without {name}"
        );
    }
    for (name, value) in [
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sid", json!(7)),
        ("sub", json!(null)),
        ("jti", json!(null)),
        ("client_id", json!(["a"])),
        ("roles", json!("admin")),
        ("roles", json!(["admin", 1])),
        ("scope", json!(["a"])),
        ("plan", json!(1)),
        ("anon", json!("false")),
        ("jti", json!(1)),
        ("epoch", json!(-1)),
        ("epoch", json!("3")),
        ("gen", json!(1.5)),
    ] {
        let token = issuer.sign(&claims_with(json!({ name: value })));
        assert_eq!(
            refusal(&issuer, &token),
            Code::TokenClaimInvalid,
            "{name}: {value}"
        );
    }
}

#[test]
fn a_changed_token_does_not_hold() {
    let issuer = Issuer::new();
    let token = issuer.sign(&claims());
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts");
    };
    let admin = claims_with(json!({"roles": ["admin"]})).to_string();
    let forged = format!(
        "{header}.{}.{signature}",
        base64url::encode(admin.as_bytes())
    );
    assert_eq!(refusal(&issuer, &forged), Code::TokenSignatureInvalid);
}

#[test]
fn key_algorithm_and_extensions_are_checked_before_the_signature() {
    let issuer = Issuer::new();
    let key_id = issuer.key.key_id().as_str();
    let token = issuer.sign(&claims());
    let header = |changes: Value| {
        let mut header = json!({"typ": "at+jwt", "alg": "ES256", "kid": key_id});
        header
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        with_header(&token, &header)
    };
    for (changes, code) in [
        (json!({"kid": "another"}), Code::TokenKeyUnknown),
        (json!({"alg": "HS256"}), Code::TokenAlgorithmRefused),
        (json!({"alg": "none"}), Code::TokenAlgorithmRefused),
        (
            json!({"crit": ["b64"], "b64": false}),
            Code::TokenCriticalUnsupported,
        ),
    ] {
        assert_eq!(refusal(&issuer, &header(changes)), code);
    }
}

#[test]
fn an_algorithm_outside_the_policy_is_refused_even_with_a_known_key() {
    let ours = Issuer::new();
    let other = Issuer::of(Algorithm::EdDsa);
    let both = [&ours, &other].map(|issuer| issuer.key.verifying_key().clone());
    let verifier = ours.verifier();
    verifier.keys().replace(JwkSet::new(both.to_vec()));
    assert!(verifier.verify(&ours.sign(&claims()), NOW).is_ok());
    let refusal = verifier.verify(&other.sign(&claims()), NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenAlgorithmRefused);
}

#[test]
fn what_is_no_token_is_malformed() {
    let issuer = Issuer::new();
    let token = issuer.sign(&claims());
    let cut = token.rsplit_once('.').unwrap().0;
    for text in [
        "",
        "x",
        "a.b.c",
        "..",
        cut,
        &format!("{token}="),
        &format!("{token}.x"),
    ] {
        assert_eq!(refusal(&issuer, text), Code::TokenMalformed, "{text:?}");
    }
}

#[test]
fn verify_ended_takes_expired_and_revoked_tokens_and_nothing_worse() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let token = issuer.sign(&claims());
    let record = |target| RevocationRecord {
        target,
        until: after(900),
    };
    verifier
        .revocations()
        .apply([record(Target::Session("session-1".into()))]);
    assert_eq!(
        verifier.verify(&token, NOW).unwrap_err().code,
        Code::TokenRevoked
    );

    let later = after(1_000_000);
    let principal = verifier.verify_ended(&token, later).unwrap();
    assert_eq!(principal.session.as_deref(), Some("session-1"));

    let stranger = Issuer::new().sign(&claims());
    assert_eq!(
        verifier.verify_ended(&stranger, later).unwrap_err().code,
        Code::TokenKeyUnknown
    );
    let elsewhere = issuer.sign(&claims_with(json!({"aud": "other"})));
    let refusal = verifier.verify_ended(&elsewhere, later).unwrap_err();
    assert_eq!(refusal.code, Code::TokenAudienceMismatch);

    let key_id = issuer.key.key_id().as_str().to_owned();
    verifier.revocations().apply([record(Target::Key(key_id))]);
    assert_eq!(
        verifier.verify_ended(&token, later).unwrap_err().code,
        Code::TokenRevoked
    );
}
