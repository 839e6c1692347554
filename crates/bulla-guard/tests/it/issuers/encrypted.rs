//! Tokens that were encrypted after they were signed.

use std::sync::Arc;

use bulla_guard::{keys::KeySet, problem::Code, verifier::Verifier};
use bulla_jose::{
    jwa::{ContentEncryption, KeyManagement},
    jwe::{self, nested},
    jwk::DecryptionKey,
};
use serde_json::{Value, json};

use super::{OTHER, foreign_claims, foreign_claims_with, trusted};
use crate::issuer::{Issuer, NOW, after, claims};

const ENCRYPTION: ContentEncryption = ContentEncryption::A256Gcm;

struct Encrypting {
    own: Issuer,
    issuer: Issuer,
    recipient: DecryptionKey,
    verifier: Verifier,
}

impl Encrypting {
    /// Beside an issuer that signs only, and one that has another key.
    fn new() -> Self {
        let (own, plain, issuer) = (Issuer::new(), Issuer::new(), Issuer::new());
        let recipient = DecryptionKey::generate(KeyManagement::EcdhEsA256Kw).unwrap();
        let another = DecryptionKey::generate(KeyManagement::EcdhEsA256Kw).unwrap();
        let keys = |issuer: &Issuer| Arc::new(KeySet::fixed(issuer.keys()));
        let issuers = [
            trusted("https://plain.example", keys(&plain)),
            trusted("https://another.example", keys(&plain)).decrypting_with(vec![another]),
            trusted(OTHER, keys(&issuer)).decrypting_with(vec![recipient.clone()]),
        ];
        Self {
            verifier: own.verifier().trusting(issuers).with_cache(1 << 20),
            own,
            issuer,
            recipient,
        }
    }

    fn encrypt(&self, claims: &Value) -> String {
        let recipient = self.recipient.encryption_key();
        nested::sign(&self.issuer.key, "JWT", claims, recipient, ENCRYPTION).unwrap()
    }

    fn refusal(&self, token: &str) -> Code {
        self.verifier.verify(token, NOW).unwrap_err().code
    }
}

#[test]
fn a_nested_token_holds_for_the_issuer_that_has_its_key() {
    let issuers = Encrypting::new();
    let token = issuers.encrypt(&foreign_claims());
    let first = issuers.verifier.verify(&token, NOW).unwrap();
    assert_eq!((first.issuer.as_str(), first.is_own()), (OTHER, false));
    // And one that is signed only, as before.
    let signed = issuers.issuer.sign_as("JWT", &foreign_claims());
    assert!(issuers.verifier.verify(&signed, NOW).is_ok());
}

#[test]
fn the_cache_knows_it_by_all_its_bytes() {
    let issuers = Encrypting::new();
    let (token, again) = (
        issuers.encrypt(&foreign_claims()),
        issuers.encrypt(&foreign_claims()),
    );
    for token in [&token, &token, &again] {
        assert!(issuers.verifier.verify(token, NOW).is_ok());
    }
    let status = issuers.verifier.cache_status().unwrap();
    assert_eq!((status.hits, status.misses, status.tokens), (1, 2, 2));
    let refusal = issuers.verifier.verify(&token, after(900)).unwrap_err();
    assert_eq!(refusal.code, Code::TokenExpired);
}

#[test]
fn what_is_in_it_has_to_hold_as_if_it_had_come_alone() {
    let issuers = Encrypting::new();
    let expired = foreign_claims_with(json!({"exp": NOW.as_seconds()}));
    assert_eq!(
        issuers.refusal(&issuers.encrypt(&expired)),
        Code::TokenExpired
    );

    // Anybody can encrypt to a public key.
    let recipient = issuers.recipient.encryption_key();
    let stranger = Issuer::new();
    let forged = nested::sign(
        &stranger.key,
        "JWT",
        &foreign_claims(),
        recipient,
        ENCRYPTION,
    );
    assert_eq!(issuers.refusal(&forged.unwrap()), Code::TokenKeyUnknown);
    let own = nested::sign(&issuers.own.key, "at+jwt", &claims(), recipient, ENCRYPTION);
    assert_eq!(issuers.refusal(&own.unwrap()), Code::TokenKeyUnknown);
    let unsigned = foreign_claims().to_string();
    let unsigned = jwe::encrypt(recipient, ENCRYPTION, Some("JWT"), unsigned.as_bytes());
    assert_eq!(issuers.refusal(&unsigned.unwrap()), Code::TokenMalformed);
    let inner = issuers.encrypt(&foreign_claims());
    let twice = jwe::encrypt(recipient, ENCRYPTION, Some("JWT"), inner.as_bytes()).unwrap();
    assert_eq!(issuers.refusal(&twice), Code::TokenMalformed);
    let signed = issuers.issuer.sign_as("JWT", &foreign_claims());
    let untold = jwe::encrypt(recipient, ENCRYPTION, None, signed.as_bytes()).unwrap();
    assert_eq!(issuers.refusal(&untold), Code::TokenTypeMismatch);
}

#[test]
fn what_is_altered_or_encrypted_to_nobody_here_is_refused() {
    let issuers = Encrypting::new();
    let token = issuers.encrypt(&foreign_claims());
    let (rest, tag) = token.rsplit_once('.').unwrap();
    let altered = format!("{rest}.AAAA{}", &tag[4..]);
    assert_eq!(issuers.refusal(&altered), Code::TokenSignatureInvalid);

    let elsewhere = DecryptionKey::generate(KeyManagement::EcdhEsA256Kw).unwrap();
    let recipient = elsewhere.encryption_key();
    let lost = nested::sign(
        &issuers.issuer.key,
        "JWT",
        &foreign_claims(),
        recipient,
        ENCRYPTION,
    );
    assert_eq!(issuers.refusal(&lost.unwrap()), Code::TokenKeyUnknown);
    assert!(issuers.verifier.verify(&token, NOW).is_ok());
}

#[test]
fn without_such_a_key_an_encrypted_token_is_malformed() {
    let issuers = Encrypting::new();
    let token = issuers.encrypt(&foreign_claims());
    let keys = Arc::new(KeySet::fixed(issuers.issuer.keys()));
    let signed_only = issuers.own.verifier().trusting([trusted(OTHER, keys)]);
    let refusal = signed_only.verify(&token, NOW).unwrap_err();
    assert_eq!(refusal.code, Code::TokenMalformed);
}
