//! Tokens of keys that went from the set.

use std::sync::Arc;

use bulla_guard::{
    abuse::Offence,
    keys::{FormerKey, FormerKeys, KeyEnd, KeySet},
    problem::Code,
    verifier::Verifier,
};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey, VerifyingKey},
    jwt::{self, Audience, VerificationPolicy},
};

use crate::issuer::{Issuer, NOW, claims, verifier};

/// What becomes of a token.
fn refusal(verifier: &Verifier, token: &str) -> Code {
    verifier.verify(token, NOW).unwrap_err().code
}

fn set_of(keys: &[&SigningKey]) -> JwkSet {
    let keys = keys.iter().map(|key| key.verifying_key());
    JwkSet::new(keys.map(VerifyingKey::clone).collect())
}

#[test]
fn a_token_of_a_key_that_has_gone_is_late_and_one_of_a_key_that_never_was_is_forged() {
    let (gone, stays) = (Issuer::new(), Issuer::new());
    let keys = Arc::new(KeySet::fixed(set_of(&[&gone.key, &stays.key])));
    let verifier = verifier(Arc::clone(&keys));
    let token = gone.sign(&claims());
    assert!(verifier.verify(&token, NOW).is_ok());
    keys.replace(stays.keys());
    assert_eq!(refusal(&verifier, &token), Code::TokenExpired);
    assert_eq!(Offence::of(Code::TokenExpired), None);
    let stranger = Issuer::new().sign(&claims());
    assert_eq!(refusal(&verifier, &stranger), Code::TokenKeyUnknown);
    assert!(Offence::of(Code::TokenKeyUnknown).is_some());
    // It comes back, and goes again.
    keys.replace(gone.keys());
    assert!(verifier.verify(&token, NOW).is_ok());
    keys.replace(stays.keys());
    assert_eq!(refusal(&verifier, &token), Code::TokenExpired);
}

#[test]
fn the_latest_of_them_are_remembered() {
    let issuers: Vec<_> = (0..34).map(|_| Issuer::new()).collect();
    let keys = Arc::new(KeySet::empty());
    for issuer in &issuers {
        keys.replace(issuer.keys());
    }
    let verifier = verifier(keys);
    let codes = issuers[..33]
        .iter()
        .map(|issuer| refusal(&verifier, &issuer.sign(&claims())));
    let mut expected = vec![Code::TokenExpired; 33];
    expected[0] = Code::TokenKeyUnknown;
    assert_eq!(codes.collect::<Vec<_>>(), expected);
}

#[test]
fn who_logs_out_with_one_is_believed_if_it_was_signed_with_it() {
    let (gone, now) = (Issuer::new(), Issuer::new());
    let ended = |end: Option<KeyEnd>, token: &str| {
        let keys = Arc::new(KeySet::fixed(gone.keys()));
        let former = end.map(|end| {
            let algorithm = Algorithm::Es256;
            (gone.key.key_id().clone(), FormerKey { algorithm, end })
        });
        keys.replace_all(now.keys(), FormerKeys::from_iter(former));
        let ended = verifier(keys).verify_ended(token, NOW);
        ended.map(drop).map_err(|refusal| refusal.code)
    };
    let token = gone.sign(&claims());
    assert_eq!(ended(None, &token), Ok(()));
    assert_eq!(ended(Some(KeyEnd::Retired), &token), Ok(()));
    let revoked = ended(Some(KeyEnd::Revoked), &token);
    assert_eq!(revoked, Err(Code::TokenRevoked));

    // By another key that says it is this one.
    let forger = SigningKey::generate(Algorithm::Es256).unwrap();
    let bytes = forger.private_bytes().unwrap();
    let id = gone.key.key_id().clone();
    let forger = SigningKey::from_private_bytes(Algorithm::Es256, id, &bytes).unwrap();
    let forged = jwt::sign(&forger, "at+jwt", &claims()).unwrap();
    let refused = ended(Some(KeyEnd::Retired), &forged);
    assert_eq!(refused, Err(Code::TokenSignatureInvalid));
}

#[test]
fn a_secret_that_has_gone_is_not_kept() {
    for (algorithm, is_kept) in [(Algorithm::Hs256, false), (Algorithm::EdDsa, true)] {
        let (gone, now) = (Issuer::of(algorithm), Issuer::of(algorithm));
        let keys = Arc::new(KeySet::fixed(gone.keys()));
        keys.replace(now.keys());
        let policy = VerificationPolicy::for_keys_of_ours(
            jwt::Issuer::new("https://issuer.example").unwrap(),
            Audience::new("api").unwrap(),
            &["at+jwt"],
        );
        let verifier = Verifier::new(keys, policy, Arc::default());
        let ended = |issuer: &Issuer| verifier.verify_ended(&issuer.sign(&claims()), NOW).is_ok();
        assert!(ended(&now));
        assert_eq!(ended(&gone), is_kept);
    }
}
