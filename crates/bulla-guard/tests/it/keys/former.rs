//! Tokens of keys that an issuer had once.

use std::sync::Arc;

use bulla_guard::{
    abuse::Offence,
    keys::{FormerKey, FormerKeys, KeyEnd, KeySet},
    refusal::Refusal,
};
use bulla_jose::{
    base64url,
    jwa::Algorithm,
    jwk::{JwkSet, KeyId, SigningKey},
    jwt,
};

use crate::issuer::{Issuer, NOW, claims, verifier};

/// The refusal of a token of a key that has come to this end, at an issuer whose keys are of that algorithm.
fn refusal_of(former: &SigningKey, end: KeyEnd, token: &str, now: &Issuer) -> Refusal {
    let keys = Arc::new(KeySet::empty());
    let algorithm = former.algorithm();
    let key = (former.key_id().clone(), FormerKey { algorithm, end });
    keys.replace_all(now.keys(), FormerKeys::from_iter([key]));
    verifier(keys).verify(token, NOW).unwrap_err()
}

#[test]
fn a_token_of_a_former_key_is_no_forgery() {
    let former = Issuer::new();
    let token = former.sign(&claims());
    for now in [Issuer::new(), Issuer::of(Algorithm::EdDsa)] {
        for (end, code) in [
            (KeyEnd::Retired, "token_expired"),
            (KeyEnd::Revoked, "token_revoked"),
        ] {
            let refusal = refusal_of(&former.key, end, &token, &now);
            assert_eq!(refusal.code.as_str(), code);
            assert_eq!(Offence::of(refusal.code), None);
        }
    }
}

#[test]
fn what_names_a_former_key_and_another_algorithm_is_one() {
    let former = Issuer::new();
    let header = format!(
        r#"{{"alg":"none","typ":"at+jwt","kid":"{}"}}"#,
        former.key.key_id()
    );
    let token = former.sign(&claims());
    let (_, rest) = token.split_once('.').unwrap();
    let forged = format!("{}.{rest}", base64url::encode(header.as_bytes()));
    let refusal = refusal_of(&former.key, KeyEnd::Retired, &forged, &Issuer::new());
    assert_eq!(refusal.code.as_str(), "token_algorithm_refused");
    assert!(Offence::of(refusal.code).is_some());
    let stranger = Issuer::new().sign(&claims());
    let refusal = refusal_of(&former.key, KeyEnd::Retired, &stranger, &Issuer::new());
    assert_eq!(refusal.code.as_str(), "token_key_unknown");
}

#[test]
fn an_id_that_is_a_key_again_counts_as_that() {
    let former = Issuer::new();
    let id = KeyId::new("x".repeat(200)).unwrap();
    let bytes = former.key.private_bytes().unwrap();
    let key = SigningKey::from_private_bytes(Algorithm::Es256, id, &bytes).unwrap();
    let token = jwt::sign(&key, "at+jwt", &claims()).unwrap();
    let refusal = refusal_of(&key, KeyEnd::Revoked, &token, &Issuer::new());
    assert_eq!(refusal.code.as_str(), "token_revoked");

    let keys = Arc::new(KeySet::empty());
    let former = FormerKey {
        algorithm: Algorithm::Es256,
        end: KeyEnd::Retired,
    };
    let former = FormerKeys::from_iter([(key.key_id().clone(), former)]);
    keys.replace_all(JwkSet::new(vec![key.verifying_key().clone()]), former);
    assert!(verifier(keys).verify(&token, NOW).is_ok());
}
