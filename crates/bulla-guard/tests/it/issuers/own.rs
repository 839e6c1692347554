//! Accounts, sessions and revocations of one issuer are not those of another.

use bulla_guard::{
    access::{Access, AccessPolicy},
    decision::{Accepted, decide},
    problem::Code,
    revocation::{RevocationRecord, Target},
};

use bulla_jose::jwt::Audience;

use super::Two;
use crate::issuer::{NOW, after, claims};

#[test]
fn where_our_accounts_are_meant_only_our_tokens_count() {
    let two = Two::new();
    let foreign = two.foreign_token();
    let own = two.own.sign(&claims());
    // Twice: from its signature, and from the cache.
    for _ in 0..2 {
        let refusal = two.verifier.verify_own(&foreign, NOW).unwrap_err();
        assert_eq!(refusal.code, Code::TokenIssuerMismatch);
        assert!(two.verifier.verify_own(&own, NOW).is_ok());
    }
    let refusal = two.verifier.verify_ended(&foreign, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenIssuerMismatch);
    assert!(two.verifier.verify_ended(&own, NOW).is_ok());
}

#[test]
fn one_for_another_audience_goes_by_the_same_keys_and_revocations() {
    let two = Two::new();
    let verifier = two.verifier.own_for(Audience::new("ledger").unwrap());
    let mut claims = claims();
    let for_us = two.own.sign(&claims);
    claims["aud"] = "ledger".into();
    let for_them = two.own.sign(&claims);
    assert!(verifier.verify(&for_them, NOW).is_ok());
    let refusal = verifier.verify(&for_us, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenAudienceMismatch);
    let refusal = two.verifier.verify(&for_them, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenAudienceMismatch);
    assert!(verifier.verify(&two.foreign_token(), NOW).is_err());
    two.verifier.revocations().apply([RevocationRecord {
        target: Target::Token("token-1".into()),
        until: after(900),
    }]);
    let refusal = verifier.verify(&for_them, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenRevoked);
}

#[test]
fn a_decision_about_our_accounts_takes_another_issuers_token_for_none() {
    let two = Two::new();
    let foreign = two.foreign_token();
    let decided = |accepted, access| {
        let policy = AccessPolicy::new(access);
        decide(&two.verifier, accepted, &policy, Some(&foreign), NOW)
            .map(|principal| principal.is_some())
            .map_err(|refusal| refusal.code)
    };
    let mismatch = Err(Code::TokenIssuerMismatch);
    assert_eq!(
        decided(Accepted::OwnIssuer, Access::Authenticated),
        mismatch
    );
    assert_eq!(decided(Accepted::OwnIssuer, Access::Anonymous), mismatch);
    assert_eq!(decided(Accepted::OwnIssuer, Access::Public), Ok(false));
    for access in [Access::Authenticated, Access::Anonymous, Access::Public] {
        assert_eq!(decided(Accepted::EveryIssuer, access), Ok(true));
    }
}

#[test]
fn our_revocations_hit_nobody_elses_tokens() {
    let targets = [
        Target::Token("token-1".into()),
        Target::Session("session-1".into()),
        Target::Subject {
            subject: "usr_alice".into(),
            min_epoch: None,
        },
        Target::Client("bulla".into()),
    ];
    for target in targets {
        let two = Two::new();
        let (own, foreign) = (two.own.sign(&claims()), two.foreign_token());
        let until = after(900);
        two.verifier
            .revocations()
            .apply([RevocationRecord { target, until }]);
        // Twice: from its signature, and from the cache.
        for _ in 0..2 {
            let refusal = two.verifier.verify(&own, NOW).unwrap_err();
            assert_eq!(refusal.code, Code::TokenRevoked);
            assert!(two.verifier.verify(&foreign, NOW).is_ok());
        }
    }
}
