use std::hint::black_box;

use bulla_jose::jwa::Algorithm as Ours;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};

use super::Contender;
use crate::subject::{AUDIENCE, CLAIMS, ISSUER, OwnedClaims, Subject, TYPE};

const NAME: &str = "jsonwebtoken";

pub(super) fn verifying(subject: &Subject) -> Contender {
    let key = match subject.key.verifying_key().public_jwk() {
        None => DecodingKey::from_secret(&subject.private),
        Some(jwk) => {
            let jwk: Jwk = serde_json::from_value(jwk).expect("a JWK");
            DecodingKey::from_jwk(&jwk).expect("a public key")
        }
    };
    let mut validation = Validation::new(algorithm(subject));
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.leeway = 0;
    let token = subject.token.clone();
    Contender::new(NAME, move || {
        let claims = jsonwebtoken::decode::<OwnedClaims>(black_box(&token), &key, &validation);
        black_box(claims.expect("a good token"));
    })
}

pub(super) fn signing(subject: &Subject) -> Contender {
    let pem = subject.pem();
    let key = match subject.algorithm {
        Ours::Hs256 => Ok(EncodingKey::from_secret(&subject.private)),
        Ours::Rs256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
        Ours::Es256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        _ => EncodingKey::from_ed_pem(pem.as_bytes()),
    };
    let key = key.expect("a private key");
    let mut header = Header::new(algorithm(subject));
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(subject.key.key_id().to_string());
    Contender::new(NAME, move || {
        let token = jsonwebtoken::encode(&header, black_box(&CLAIMS), &key);
        black_box(token.expect("a token"));
    })
}

fn algorithm(subject: &Subject) -> Algorithm {
    let name = subject.algorithm.as_str();
    name.parse().expect("an algorithm that both know")
}
