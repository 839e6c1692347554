use std::sync::Arc;

use bulla_guard::{
    access::{Access, AccessPolicy},
    decision::{Accepted, decide},
    keys::KeySet,
    problem::Code,
    verifier::Verifier,
};
use serde_json::json;

use crate::issuer::{Issuer, NOW, after, claims, claims_with, verifier};

/// Who it is (the subject), or the code of the refusal.
fn verdict(
    verifier: &Verifier,
    policy: &AccessPolicy,
    token: Option<&str>,
) -> Result<Option<String>, Code> {
    match decide(verifier, Accepted::EveryIssuer, policy, token, NOW) {
        Ok(principal) => Ok(principal.map(|principal| principal.subject.clone())),
        Err(refusal) => Err(refusal.code),
    }
}

fn alice() -> Result<Option<String>, Code> {
    Ok(Some("usr_alice".to_owned()))
}

#[test]
fn a_signed_in_route_asks_for_a_token_that_holds() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let policy = AccessPolicy::new(Access::Authenticated);

    assert_eq!(
        verdict(&verifier, &policy, Some(&issuer.sign(&claims()))),
        alice()
    );
    assert_eq!(verdict(&verifier, &policy, None), Err(Code::TokenMissing));
    assert_eq!(
        verdict(&verifier, &policy, Some("x")),
        Err(Code::TokenMalformed)
    );
    let stranger = Issuer::new().sign(&claims());
    assert_eq!(
        verdict(&verifier, &policy, Some(&stranger)),
        Err(Code::TokenKeyUnknown)
    );
}

#[test]
fn a_role_decides_between_200_and_403() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let roles = vec!["admin".to_owned()];
    let policy = AccessPolicy {
        roles,
        ..AccessPolicy::new(Access::Authenticated)
    };

    let user = issuer.sign(&claims());
    let admin = issuer.sign(&claims_with(json!({"roles": ["admin"]})));
    assert_eq!(
        verdict(&verifier, &policy, Some(&user)),
        Err(Code::RoleRequired)
    );
    assert_eq!(verdict(&verifier, &policy, Some(&admin)), alice());
}

#[test]
fn who_somebody_is_comes_before_what_they_may() {
    let issuer = Issuer::new();
    let roles = vec!["admin".to_owned()];
    let policy = AccessPolicy {
        roles,
        ..AccessPolicy::new(Access::Authenticated)
    };
    let expired = issuer.sign(&claims_with(json!({"exp": NOW.as_seconds()})));
    let refusal = decide(
        &issuer.verifier(),
        Accepted::EveryIssuer,
        &policy,
        Some(&expired),
        after(0),
    )
    .unwrap_err();
    assert_eq!(refusal.code, Code::TokenExpired);
}

#[test]
fn a_public_route_ignores_a_bad_token_and_knows_the_bearer_of_a_good_one() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let policy = AccessPolicy::new(Access::Public);

    assert_eq!(verdict(&verifier, &policy, None), Ok(None));
    assert_eq!(verdict(&verifier, &policy, Some("x")), Ok(None));
    let stranger = Issuer::new().sign(&claims());
    assert_eq!(verdict(&verifier, &policy, Some(&stranger)), Ok(None));
    assert_eq!(
        verdict(&verifier, &policy, Some(&issuer.sign(&claims()))),
        alice()
    );
}

#[test]
fn without_keys_nobody_is_called_unknown() {
    let keys = Arc::new(KeySet::empty());
    let verifier = verifier(keys.clone());
    let issuer = Issuer::new();
    let token = issuer.sign(&claims());

    for access in [Access::Anonymous, Access::Authenticated] {
        let policy = AccessPolicy::new(access);
        for token in [None, Some("x"), Some(token.as_str())] {
            assert_eq!(
                verdict(&verifier, &policy, token),
                Err(Code::KeysUnavailable)
            );
        }
    }
    let public = AccessPolicy::new(Access::Public);
    assert_eq!(verdict(&verifier, &public, Some(&token)), Ok(None));

    keys.replace(issuer.keys());
    let policy = AccessPolicy::new(Access::Authenticated);
    assert_eq!(verdict(&verifier, &policy, Some(&token)), alice());
    assert_eq!(verdict(&verifier, &policy, None), Err(Code::TokenMissing));
}
