//! One cache for all issuers: each token is found while the keys that verified it are the present ones.

use bulla_guard::problem::Code;
use bulla_jose::jwk::JwkSet;

use super::Two;
use crate::issuer::{Issuer, NOW, after, claims};

/// Hits and misses so far.
fn counts(two: &Two) -> (u64, u64) {
    let status = two.verifier.cache_status().unwrap();
    (status.hits, status.misses)
}

#[test]
fn other_keys_of_one_issuer_leave_the_tokens_of_the_other_in_the_cache() {
    let two = Two::new();
    let (own, foreign) = (two.own.sign(&claims()), two.foreign_token());
    for token in [&own, &foreign] {
        assert!(two.verifier.verify(token, NOW).is_ok());
        assert!(two.verifier.verify(token, NOW).is_ok());
    }
    assert_eq!(counts(&two), (2, 2));

    two.other_keys.replace(Issuer::new().keys());
    let refusal = two.verifier.verify(&foreign, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenExpired);
    assert_eq!(counts(&two), (2, 3));
    assert!(two.verifier.verify(&own, NOW).is_ok());
    assert_eq!(counts(&two), (3, 3));

    two.other_keys.replace(two.other.keys());
    two.verifier.keys().replace(JwkSet::default());
    assert!(two.verifier.verify(&own, NOW).is_err());
    assert!(two.verifier.verify(&foreign, NOW).is_ok());
    assert!(two.verifier.verify(&foreign, NOW).is_ok());
    assert_eq!(counts(&two), (4, 5));
    assert_eq!(two.verifier.cache_status().unwrap().tokens, 2);
}

#[test]
fn a_foreign_token_ends_to_the_second_in_the_cache_too() {
    let two = Two::new();
    let foreign = two.foreign_token();
    for _ in 0..2 {
        assert!(two.verifier.verify(&foreign, after(899)).is_ok());
        let refusal = two.verifier.verify(&foreign, after(900)).unwrap_err();
        assert_eq!(refusal.code, Code::TokenExpired);
    }
}

#[test]
fn an_issuer_without_keys_has_nothing_in_the_cache() {
    let two = Two::new();
    let foreign = two.foreign_token();
    assert!(two.verifier.verify(&foreign, NOW).is_ok());
    two.other_keys.replace(JwkSet::default());
    let refusal = two.verifier.verify(&foreign, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::KeysUnavailable);
}
