#![expect(
    clippy::unwrap_used,
    reason = "what a test stands on fails the test by panicking, as the test itself does"
)]

use ::jsonwebtoken::{Algorithm as Theirs, DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};
use bulla_jose::{
    jwa::Algorithm,
    jwk::{JwkSet, SigningKey},
    jwt::{self, Audience, Issuer, UnixTime, VerificationPolicy},
};
use serde_json::{Value, json};

use crate::{
    forge::{NOW, altered},
    jwt::key_of,
};

/// All that both know.
const SHARED: [Algorithm; 12] = [
    Algorithm::Hs256,
    Algorithm::Hs384,
    Algorithm::Hs512,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];

fn claims() -> Value {
    json!({
        "iss": "bulla", "aud": "api", "sub": "usr_1", "exp": 4_000_000_000_u64, "roles": ["admin"], "name": "Çelebi \"1\"",
    })
}

fn theirs(algorithm: Algorithm) -> Theirs {
    algorithm.as_str().parse().unwrap()
}

fn decoding_key(key: &SigningKey) -> DecodingKey {
    match key.verifying_key().public_jwk() {
        None => DecodingKey::from_secret(&key.private_bytes().unwrap()),
        Some(jwk) => {
            let jwk: Jwk = serde_json::from_value(jwk).unwrap();
            DecodingKey::from_jwk(&jwk).unwrap()
        }
    }
}

fn encoding_key(key: &SigningKey) -> EncodingKey {
    if key.algorithm().is_symmetric() {
        return EncodingKey::from_secret(&key.private_bytes().unwrap());
    }
    let pem = key.to_pem().unwrap();
    let read = match &key.algorithm().as_str()[..2] {
        "RS" | "PS" => EncodingKey::from_rsa_pem,
        "ES" => EncodingKey::from_ec_pem,
        _ => EncodingKey::from_ed_pem,
    };
    read(pem.as_bytes()).unwrap()
}

#[test]
fn our_tokens_are_good_there_and_altered_ones_are_not() {
    for algorithm in SHARED {
        let key = key_of(algorithm);
        let token = jwt::sign(key, "at+jwt", &claims()).unwrap();
        let mut validation = Validation::new(theirs(algorithm));
        validation.set_issuer(&["bulla"]);
        validation.set_audience(&["api"]);
        let verify =
            |token: &str| ::jsonwebtoken::decode::<Value>(token, &decoding_key(key), &validation);
        assert_eq!(verify(&token).unwrap().claims, claims(), "{algorithm}");
        assert!(verify(&altered(&token)).is_err(), "{algorithm}");
    }
}

#[test]
fn their_tokens_are_good_here_and_altered_ones_are_not() {
    for algorithm in SHARED {
        let key = key_of(algorithm);
        let mut header = Header::new(theirs(algorithm));
        header.kid = Some(key.key_id().to_string());
        let token = ::jsonwebtoken::encode(&header, &claims(), &encoding_key(key)).unwrap();
        let keys = JwkSet::new(vec![key.verifying_key().clone()]);
        let policy = VerificationPolicy::new(
            Issuer::new("bulla").unwrap(),
            Audience::new("api").unwrap(),
            &["JWT"],
            &[algorithm],
        );
        let now = UnixTime::from_seconds(NOW);
        let verify = |token: &str| jwt::verify::<Value>(token, &keys, &policy, now);
        assert_eq!(*verify(&token).unwrap().claims(), claims(), "{algorithm}");
        let refused = verify(&altered(&token)).unwrap_err();
        assert_eq!(refused.code(), "token_signature_invalid", "{algorithm}");
    }
}
