use std::collections::BTreeMap;

use bulla_guard::{
    access::{Access, AccessPolicy},
    problem::Code,
};
use serde_json::{Value, json};

use crate::issuer::{Issuer, claims, claims_with};

fn check(policy: &AccessPolicy, claims: Option<&Value>, expected: Result<(), Code>) {
    let principal = claims.map(|claims| Issuer::new().principal(claims));
    let verdict = policy
        .authorize(principal.as_deref())
        .map_err(|refusal| refusal.code);
    assert_eq!(verdict, expected, "{policy:?} for {claims:?}");
}

fn signed_in() -> AccessPolicy {
    AccessPolicy::new(Access::Authenticated)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

#[test]
fn each_access_lets_in_whom_it_names() {
    let anonymous = claims_with(json!({"anon": true, "sub": "anon_1"}));
    let user = claims();
    for (access, nobody, visitor) in [
        (Access::Public, Ok(()), Ok(())),
        (Access::Anonymous, Err(Code::TokenMissing), Ok(())),
        (
            Access::Authenticated,
            Err(Code::TokenMissing),
            Err(Code::SignInRequired),
        ),
    ] {
        let policy = AccessPolicy::new(access);
        check(&policy, None, nobody);
        check(&policy, Some(&anonymous), visitor);
        check(&policy, Some(&user), Ok(()));
    }
}

#[test]
fn one_of_the_roles_is_enough() {
    let policy = AccessPolicy {
        roles: texts(&["admin", "editor"]),
        ..signed_in()
    };
    check(&policy, Some(&claims()), Ok(()));
    check(
        &policy,
        Some(&claims_with(json!({"roles": ["admin"]}))),
        Ok(()),
    );
    for roles in [
        json!([]),
        json!(["user"]),
        json!(["Admin"]),
        json!(["admin,editor"]),
    ] {
        check(
            &policy,
            Some(&claims_with(json!({"roles": roles}))),
            Err(Code::RoleRequired),
        );
    }
}

#[test]
fn one_of_the_plans_is_needed() {
    let policy = AccessPolicy {
        plans: texts(&["free", "pro"]),
        ..signed_in()
    };
    check(&policy, Some(&claims()), Ok(()));
    check(
        &policy,
        Some(&claims_with(json!({"plan": "trial"}))),
        Err(Code::PlanRequired),
    );
}

#[test]
fn all_of_the_scopes_are_needed() {
    let policy = AccessPolicy {
        scopes: texts(&["orders:read", "orders:write"]),
        ..signed_in()
    };
    check(&policy, Some(&claims()), Ok(()));
    for scope in ["", "orders:read", "orders:read orders:writer"] {
        check(
            &policy,
            Some(&claims_with(json!({"scope": scope}))),
            Err(Code::ScopeInsufficient),
        );
    }
}

#[test]
fn a_claim_has_the_value_or_is_an_array_that_holds_it() {
    let wanted = |value: Value| AccessPolicy {
        claims: BTreeMap::from([("beta".to_owned(), value)]),
        ..signed_in()
    };
    let with = |value: Value| claims_with(json!({"beta": value}));
    let refused = Err(Code::ClaimRequired);

    check(&wanted(json!(true)), Some(&with(json!(true))), Ok(()));
    check(&wanted(json!(true)), Some(&with(json!("true"))), refused);
    check(&wanted(json!(true)), Some(&claims()), refused);
    check(&wanted(json!("a")), Some(&with(json!(["b", "a"]))), Ok(()));
    check(&wanted(json!("a")), Some(&with(json!(["b"]))), refused);
    check(&wanted(json!(["a"])), Some(&with(json!(["a"]))), Ok(()));
    check(
        &wanted(json!(["a"])),
        Some(&with(json!(["a", "b"]))),
        refused,
    );
}

#[test]
fn a_requirement_on_a_public_route_is_not_void() {
    let policy = AccessPolicy {
        roles: texts(&["editor"]),
        ..AccessPolicy::new(Access::Public)
    };
    check(&policy, None, Err(Code::TokenMissing));
    check(
        &policy,
        Some(&claims_with(json!({"roles": []}))),
        Err(Code::RoleRequired),
    );
    check(&policy, Some(&claims()), Ok(()));
}
