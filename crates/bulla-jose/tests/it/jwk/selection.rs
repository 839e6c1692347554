//! Which key of a set a token is checked with.

use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, KeyId, SigningKey, VerifyingKey},
    jws::{self, SignatureError},
    jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
};

use crate::jwt::key_of;

fn unnamed(key: &SigningKey) -> VerifyingKey {
    let mut jwk = key.verifying_key().public_jwk().expect("a public key");
    jwk.as_object_mut().expect("an object").remove("kid");
    VerifyingKey::from_jwk(jwk.to_string().as_bytes()).expect("a key")
}

fn fresh() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).expect("a key")
}

fn with_id(id: &str) -> SigningKey {
    let bytes = fresh().private_bytes().expect("private bytes");
    let id = KeyId::new(id).expect("a key ID");
    SigningKey::from_private_bytes(Algorithm::Es256, id, &bytes).expect("a key")
}

#[test]
fn a_key_without_an_id_is_tried_for_every_token() {
    let (first, second) = (fresh(), fresh());
    let keys = JwkSet::new(vec![unnamed(&first), unnamed(&second)]);
    for key in [&first, &second, &first] {
        let token = jws::sign(key, "JWT", b"x").unwrap();
        assert!(jws::verify(&token, &keys, &[Algorithm::Es256]).is_ok());
    }
    let token = jws::sign(&fresh(), "JWT", b"x").unwrap();
    let error = jws::verify(&token, &keys, &[Algorithm::Es256]).unwrap_err();
    assert_eq!(error, SignatureError::SignatureInvalid { key_id: None });
}

#[test]
fn keys_that_share_an_id_are_all_tried() {
    let (first, second) = (with_id("same"), with_id("same"));
    let both = vec![
        first.verifying_key().clone(),
        second.verifying_key().clone(),
    ];
    let keys = JwkSet::new(both);
    for key in [&first, &second, &second, &first] {
        let token = jws::sign(key, "JWT", b"x").unwrap();
        assert!(jws::verify(&token, &keys, &[Algorithm::Es256]).is_ok());
    }
}

#[test]
fn an_unknown_id_is_reported_as_such() {
    let (known, unknown) = (fresh(), fresh());
    let keys = JwkSet::new(vec![known.verifying_key().clone()]);
    let token = jws::sign(&unknown, "JWT", b"x").unwrap();
    let error = jws::verify(&token, &keys, &[Algorithm::Es256]).unwrap_err();
    let key_id = Some(unknown.key_id().to_string());
    assert_eq!(error, SignatureError::KeyUnknown { key_id });
}

#[test]
fn a_header_is_recognised_only_for_algorithms_that_are_accepted() {
    let key = fresh();
    let keys = JwkSet::new(vec![key.verifying_key().clone()]);
    let token = jws::sign(&key, "JWT", b"x").unwrap();
    for _ in 0..2 {
        assert!(jws::verify(&token, &keys, &[Algorithm::Es256]).is_ok());
        let error = jws::verify(&token, &keys, &[Algorithm::Rs256]).unwrap_err();
        assert!(
            matches!(error, SignatureError::AlgorithmRefused { .. }),
            "{error}"
        );
    }
}

#[test]
fn both_names_of_ed25519_fit_one_key() {
    let key = key_of(Algorithm::Ed25519);
    let bytes = key.private_bytes().unwrap();
    let id = key.key_id().clone();
    let other = SigningKey::from_private_bytes(Algorithm::EdDsa, id, &bytes).unwrap();
    let token = jws::sign(&other, "JWT", b"x").unwrap();
    let keys = JwkSet::new(vec![key.verifying_key().clone()]);
    assert!(jws::verify(&token, &keys, &[Algorithm::EdDsa]).is_ok());
    assert!(jws::verify(&token, &keys, &[Algorithm::Ed25519]).is_err());
}

#[test]
fn the_answer_does_not_depend_on_what_was_learnt_before() {
    let signers: Vec<SigningKey> = (0..17).map(|_| fresh()).collect();
    let keys = JwkSet::new(signers.iter().map(unnamed).collect());
    let verify = |token: &str| jws::verify(token, &keys, &[Algorithm::Es256]).map(drop);
    let [within, beyond] =
        [&signers[15], &signers[16]].map(|key| jws::sign(key, "JWT", b"x").expect("a token"));
    let refused = SignatureError::SignatureInvalid { key_id: None };
    assert_eq!(verify(&beyond), Err(refused.clone()));
    // The same key in a set of its own learns the header there.
    let alone = JwkSet::new(vec![keys.keys()[16].clone()]);
    assert!(jws::verify(&beyond, &alone, &[Algorithm::Es256]).is_ok());
    assert_eq!(verify(&beyond), Err(refused));
    assert_eq!(verify(&within), Ok(()));
    assert_eq!(verify(&within), Ok(()));
}

#[test]
fn keys_of_ours_say_which_algorithms_are_accepted() {
    let (issuer, audience) = (Issuer::new("i").unwrap(), Audience::new("a").unwrap());
    let policy = VerificationPolicy::for_keys_of_ours(issuer, audience, &["JWT"]);
    let (es256, hs256) = (key_of(Algorithm::Es256), key_of(Algorithm::Hs256));
    let claims = serde_json::json!({"iss": "i", "aud": "a", "exp": 2});
    let now = UnixTime::from_seconds(1);
    let token = jwt::sign(hs256, "JWT", &claims).unwrap();
    let verify = |keys: &[&SigningKey]| {
        let keys = keys.iter().map(|key| key.verifying_key().clone());
        jwt::verify::<serde_json::Value>(&token, &JwkSet::new(keys.collect()), &policy, now)
    };
    let error = verify(&[es256]).unwrap_err();
    assert_eq!(error.code(), "token_algorithm_refused");
    assert!(verify(&[es256, hs256]).is_ok());
}
