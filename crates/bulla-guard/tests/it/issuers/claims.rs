//! What other issuers call what a principal is made of.

use std::sync::Arc;

use bulla_guard::{
    issuer::{ClaimNames, ClaimPath, TrustedIssuer},
    keys::KeySet,
    problem::Code,
    verified::Verified,
};
use serde_json::{Value, json};

use super::{OTHER, foreign_claims, foreign_claims_with, policy};
use crate::issuer::{Issuer, NOW};

fn path(text: &str) -> ClaimPath {
    ClaimPath::parse(text).unwrap()
}

fn verify(names: &ClaimNames, claims: &Value) -> Result<Verified, Code> {
    let issuer = Issuer::new();
    let keys = Arc::new(KeySet::fixed(issuer.keys()));
    let trusted = TrustedIssuer::new(keys, policy(OTHER), names.clone());
    let verifier = Issuer::new().verifier().trusting([trusted]);
    let verified = verifier.verify(&issuer.sign_as("JWT", claims), NOW);
    verified.map_err(|refusal| refusal.code)
}

#[test]
fn each_claim_is_read_where_it_is_said_to_be() {
    let names = ClaimNames {
        subject: path("user_id"),
        session: path("session_id"),
        client_id: path("azp"),
        roles: path("realm_access.roles"),
        scope: path("scp"),
        plan: path("https://shop.example/plan"),
        anonymous: path("is_anonymous"),
    };
    let claims = foreign_claims_with(json!({
        "user_id": 42, "session_id": "s", "azp": "shop", "realm_access": {"roles": ["buyer", "seller"]},
        "scp": ["a", "b"], "https://shop.example/plan": "pro", "is_anonymous": true,
        "roles": ["admin"], "plan": "none",
    }));
    let principal = verify(&names, &claims).unwrap();
    assert_eq!(principal.subject, "42");
    assert_eq!(principal.session.as_deref(), Some("s"));
    assert_eq!(principal.client_id.as_deref(), Some("shop"));
    assert_eq!(principal.roles, ["buyer", "seller"]);
    assert_eq!(principal.scopes, ["a", "b"]);
    assert_eq!(principal.plan.as_deref(), Some("pro"));
    assert!(principal.anonymous);
    assert_eq!(principal.claims["sub"], "usr_alice");
}

#[test]
fn one_role_is_a_role_and_scopes_come_apart_at_their_spaces() {
    let names = ClaimNames {
        roles: path("role"),
        ..ClaimNames::default()
    };
    let claims = foreign_claims_with(json!({"role": "site admin", "scope": "a b"}));
    let principal = verify(&names, &claims).unwrap();
    assert_eq!(principal.roles, ["site admin"]);
    assert_eq!(principal.scopes, ["a", "b"]);
}

#[test]
fn what_means_something_in_our_tokens_alone_is_not_read() {
    let claims = foreign_claims_with(json!({"epoch": "spring", "gen": {"x": 1}}));
    let principal = verify(&ClaimNames::default(), &claims).unwrap();
    assert_eq!((principal.epoch, principal.generation), (None, None));
}

#[test]
fn a_claim_that_leads_nowhere_is_none() {
    let names = ClaimNames {
        roles: path("realm_access.roles"),
        ..ClaimNames::default()
    };
    for access in [
        json!(null),
        json!({}),
        json!({"roles": null}),
        json!("x"),
        json!([1]),
    ] {
        let principal = verify(
            &names,
            &foreign_claims_with(json!({"realm_access": access})),
        )
        .unwrap();
        assert!(principal.roles.is_empty(), "{access}");
    }
}

#[test]
fn without_a_subject_or_with_a_claim_of_another_type_a_token_is_refused() {
    let names = ClaimNames {
        subject: path("user.id"),
        ..ClaimNames::default()
    };
    let with_user = |user: Value| verify(&names, &foreign_claims_with(json!({"user": user})));
    assert_eq!(with_user(json!({"id": "u1"})).unwrap().subject, "u1");
    for user in [
        json!({}),
        json!({"id": ""}),
        json!({"id": 1.5}),
        json!({"id": ["u1"]}),
        json!("u1"),
    ] {
        assert_eq!(with_user(user).unwrap_err(), Code::TokenClaimInvalid);
    }
    assert!(verify(&ClaimNames::default(), &foreign_claims()).is_ok());
    for wrong in [
        json!({"roles": {"admin": true}}),
        json!({"roles": ["a", 1]}),
        json!({"scope": 1}),
        json!({"plan": {}}),
        json!({"anon": "true"}),
        json!({"sid": 1}),
        json!({"client_id": []}),
    ] {
        let refused = verify(&ClaimNames::default(), &foreign_claims_with(wrong));
        assert_eq!(refused.unwrap_err(), Code::TokenClaimInvalid);
    }
}
