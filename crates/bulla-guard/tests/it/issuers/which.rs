//! Which issuer decides, and what is said if none does.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bulla_guard::{
    issuer::{ClaimNames, TrustedIssuer},
    keys::{KeySet, KeySource},
    problem::Code,
    verifier::Verifier,
};
use bulla_jose::{jwa::Algorithm, jwk::JwkSet, jwt};
use serde_json::json;

use super::{OTHER, Two, foreign_claims, foreign_claims_with, policy, policy_for, trusted};
use crate::issuer::{Issuer, NOW, after, claims, claims_with};

fn refusal(verifier: &Verifier, token: &str) -> Code {
    verifier.verify(token, NOW).unwrap_err().code
}

#[test]
fn each_issuers_tokens_hold_by_its_own_policy() {
    let two = Two::new();
    let own = two.verifier.verify(&two.own.sign(&claims()), NOW).unwrap();
    assert!(own.is_own());
    let foreign = two.verifier.verify(&two.foreign_token(), NOW).unwrap();
    assert!(!foreign.is_own());
    assert_eq!(
        (foreign.issuer.as_str(), foreign.subject.as_str()),
        (OTHER, "usr_alice")
    );
}

#[test]
fn nobodys_key_signs_for_another_issuer() {
    let two = Two::new();
    // The other one's key, our name and everything else that our tokens have.
    let forged = two.other.sign_as(
        "JWT",
        &foreign_claims_with(json!({"iss": "https://issuer.example"})),
    );
    assert_eq!(refusal(&two.verifier, &forged), Code::TokenIssuerMismatch);
    let forged = two.other.sign(&claims());
    assert_eq!(refusal(&two.verifier, &forged), Code::TokenTypeMismatch);
    // And the other way round.
    let forged = two
        .own
        .sign(&claims_with(json!({"iss": OTHER, "aud": "orders"})));
    assert_eq!(refusal(&two.verifier, &forged), Code::TokenIssuerMismatch);
    assert!(two.verifier.verify(&two.foreign_token(), NOW).is_ok());
}

#[test]
fn another_ones_audience_type_and_algorithms_do_not_count() {
    let two = Two::new();
    for (claims, code) in [
        (json!({"aud": "api"}), Code::TokenAudienceMismatch),
        (json!({"exp": NOW.as_seconds()}), Code::TokenExpired),
        (
            json!({"nbf": after(1).as_seconds()}),
            Code::TokenNotYetValid,
        ),
    ] {
        let token = two.other.sign_as("JWT", &foreign_claims_with(claims));
        assert_eq!(refusal(&two.verifier, &token), code);
    }
    let token = two.other.sign_as("at+jwt", &foreign_claims());
    assert_eq!(refusal(&two.verifier, &token), Code::TokenTypeMismatch);

    let (own, other) = (Issuer::new(), Issuer::of(Algorithm::EdDsa));
    let keys = Arc::new(KeySet::fixed(other.keys()));
    let es256_only = own.verifier().trusting([trusted(OTHER, keys.clone())]);
    let token = other.sign_as("JWT", &foreign_claims());
    assert_eq!(refusal(&es256_only, &token), Code::TokenAlgorithmRefused);
    let policy = policy_for(OTHER, &[Algorithm::EdDsa]);
    let issuer = TrustedIssuer::new(keys, policy, ClaimNames::default());
    assert!(
        own.verifier()
            .trusting([issuer])
            .verify(&token, NOW)
            .is_ok()
    );
}

#[test]
fn what_no_key_fits_is_refused_by_what_got_furthest() {
    let two = Two::new();
    let stranger = Issuer::new();
    let unknown = stranger.sign(&claims());
    assert_eq!(refusal(&two.verifier, &unknown), Code::TokenKeyUnknown);

    let other_algorithm = Issuer::of(Algorithm::EdDsa).sign(&claims());
    assert_eq!(
        refusal(&two.verifier, &other_algorithm),
        Code::TokenAlgorithmRefused
    );

    for good in [two.own.sign(&claims()), two.foreign_token()] {
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let forged = format!("{signed}.AAAA{}", &signature[4..]);
        assert_eq!(refusal(&two.verifier, &forged), Code::TokenSignatureInvalid);
    }
    assert_eq!(refusal(&two.verifier, "a.b"), Code::TokenMalformed);
}

#[test]
fn issuers_that_share_their_keys_are_told_apart_by_their_names() {
    let (own, shared) = (Issuer::new(), Issuer::new());
    let tenants = ["https://a.example", "https://b.example"]
        .map(|name| trusted(name, Arc::new(KeySet::fixed(shared.keys()))));
    let verifier = own.verifier().trusting(tenants);
    for name in ["https://a.example", "https://b.example"] {
        let token = shared.sign_as("JWT", &foreign_claims_with(json!({"iss": name})));
        assert_eq!(verifier.verify(&token, NOW).unwrap().issuer, name);
    }
    let token = shared.sign_as(
        "JWT",
        &foreign_claims_with(json!({"iss": "https://c.example"})),
    );
    assert_eq!(refusal(&verifier, &token), Code::TokenIssuerMismatch);
}

#[test]
fn while_an_issuer_has_no_keys_its_tokens_are_503_and_those_of_others_are_decided() {
    let two = Two::new();
    let token = two.foreign_token();
    two.other_keys.replace(JwkSet::default());
    assert_eq!(refusal(&two.verifier, &token), Code::KeysUnavailable);
    // It may be a token of that issuer: nobody can call it unknown.
    let unknown = Issuer::new().sign(&claims());
    assert_eq!(refusal(&two.verifier, &unknown), Code::KeysUnavailable);

    assert!(two.verifier.verify(&two.own.sign(&claims()), NOW).is_ok());
    let expired = two.own.sign(&claims_with(json!({"exp": NOW.as_seconds()})));
    assert_eq!(refusal(&two.verifier, &expired), Code::TokenExpired);

    two.other_keys.replace(two.other.keys());
    assert!(two.verifier.verify(&token, NOW).is_ok());
    assert_eq!(refusal(&two.verifier, &unknown), Code::TokenKeyUnknown);
}

#[derive(Debug, Default)]
struct Missed(AtomicUsize);

impl KeySource for Missed {
    fn key_missed(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_token_of_one_issuer_makes_nobody_fetch_the_keys_of_another() {
    let (own, first, second) = (Issuer::new(), Issuer::new(), Issuer::new());
    let missed = [(); 2].map(|()| Arc::new(Missed::default()));
    let sets = missed
        .each_ref()
        .map(|source| Arc::new(KeySet::from_source(source.clone())));
    sets[0].replace(first.keys());
    sets[1].replace(second.keys());
    let names = ["https://first.example", OTHER];
    let issuers = [0, 1].map(|place| trusted(names[place], sets[place].clone()));
    let verifier = own.verifier().trusting(issuers);
    let counts = || {
        missed
            .each_ref()
            .map(|missed| missed.0.load(Ordering::Relaxed))
    };

    let token = second.sign_as("JWT", &foreign_claims());
    assert!(verifier.verify(&token, NOW).is_ok());
    let expired = foreign_claims_with(json!({"exp": NOW.as_seconds()}));
    let expired = second.sign_as("JWT", &expired);
    assert_eq!(refusal(&verifier, &expired), Code::TokenExpired);
    assert_eq!(counts(), [0, 0]);

    let unknown = Issuer::new().sign_as("JWT", &foreign_claims());
    assert_eq!(refusal(&verifier, &unknown), Code::TokenKeyUnknown);
    assert_eq!(counts(), [1, 1]);
}

#[test]
fn the_leeway_is_that_of_the_issuer() {
    let two = Two::new();
    let policy = policy(OTHER).with_leeway(std::time::Duration::from_secs(30));
    let issuer = TrustedIssuer::new(two.other_keys.clone(), policy, ClaimNames::default());
    let lenient = two.own.verifier().trusting([issuer]);
    let token = two.foreign_token();
    assert!(two.verifier.verify(&token, after(900)).is_err());
    assert!(lenient.verify(&token, after(929)).is_ok());
    assert!(lenient.verify(&token, after(930)).is_err());
    let own = two.own.sign(&claims());
    assert!(lenient.verify(&own, after(900)).is_err());
}

#[test]
fn a_payload_is_not_read_before_a_signature_holds() {
    // Not even JSON, by a key that nobody knows: it is the key that is missed.
    let two = Two::new();
    let stranger = Issuer::new();
    let token = jwt::sign(&stranger.key, "JWT", &foreign_claims()).unwrap();
    let (header, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let garbage = format!("{header}.AAAA.{signature}");
    assert_eq!(refusal(&two.verifier, &garbage), Code::TokenKeyUnknown);
}
