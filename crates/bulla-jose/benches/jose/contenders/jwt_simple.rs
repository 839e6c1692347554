use std::hint::black_box;

use bulla_jose::jwa::Algorithm;
use jwt_simple::prelude::*;

use super::Contender;
use crate::subject::{AUDIENCE, CLAIMS, ISSUED_AT, ISSUER, Subject};

const NAME: &str = "jwt-simple (Rust only)";

/// What is not among the claims that jwt-simple knows itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Others {
    client_id: String,
    sid: String,
    #[serde(rename = "gen")]
    generation: u64,
    scope: String,
    plan: String,
}

pub(super) fn verifying(subject: &Subject) -> Contender {
    let options = VerificationOptions {
        allowed_issuers: Some([ISSUER.to_owned()].into()),
        allowed_audiences: Some([AUDIENCE.to_owned()].into()),
        artificial_time: Some(UnixTimeStamp::from_secs(ISSUED_AT)),
        ..VerificationOptions::default()
    };
    let token = subject.token.clone();
    let pem = subject.pem();
    match subject.algorithm {
        Algorithm::Hs256 => {
            let key = HS256Key::from_bytes(&subject.private);
            Contender::new(NAME, move || {
                let claims = key.verify_token::<Others>(black_box(&token), Some(options.clone()));
                black_box(claims.expect("a good token"));
            })
        }
        Algorithm::Rs256 => {
            let key = RS256KeyPair::from_pem(&pem)
                .expect("an RSA key")
                .public_key();
            Contender::new(NAME, move || {
                let claims = key.verify_token::<Others>(black_box(&token), Some(options.clone()));
                black_box(claims.expect("a good token"));
            })
        }
        Algorithm::Es256 => {
            let key = ES256KeyPair::from_pem(&pem)
                .expect("a P-256 key")
                .public_key();
            Contender::new(NAME, move || {
                let claims = key.verify_token::<Others>(black_box(&token), Some(options.clone()));
                black_box(claims.expect("a good token"));
            })
        }
        _ => {
            let key = ed25519(subject).public_key();
            Contender::new(NAME, move || {
                let claims = key.verify_token::<Others>(black_box(&token), Some(options.clone()));
                black_box(claims.expect("a good token"));
            })
        }
    }
}

pub(super) fn signing(subject: &Subject) -> Contender {
    let claims = claims();
    let key_id = subject.key.key_id().as_str();
    let pem = subject.pem();
    match subject.algorithm {
        Algorithm::Hs256 => {
            let key = HS256Key::from_bytes(&subject.private).with_key_id(key_id);
            Contender::new(NAME, move || {
                black_box(key.authenticate(claims.clone()).expect("a token"));
            })
        }
        Algorithm::Rs256 => {
            let key = RS256KeyPair::from_pem(&pem)
                .expect("an RSA key")
                .with_key_id(key_id);
            Contender::new(NAME, move || {
                black_box(key.sign(claims.clone()).expect("a token"));
            })
        }
        Algorithm::Es256 => {
            let key = ES256KeyPair::from_pem(&pem)
                .expect("a P-256 key")
                .with_key_id(key_id);
            Contender::new(NAME, move || {
                black_box(key.sign(claims.clone()).expect("a token"));
            })
        }
        _ => {
            let key = ed25519(subject).with_key_id(key_id);
            Contender::new(NAME, move || {
                black_box(key.sign(claims.clone()).expect("a token"));
            })
        }
    }
}

/// jwt-simple reads seed and public key. The seed ends the first half of a PKCS#8 version 1 (RFC 8410 section 7).
fn ed25519(subject: &Subject) -> Ed25519KeyPair {
    let jwk = subject
        .key
        .verifying_key()
        .public_jwk()
        .expect("a public key");
    let public = jwk["x"].as_str().expect("a coordinate");
    let public = bulla_jose::base64url::decode(public.as_bytes()).expect("base64url");
    let seed = &subject.private[16..48];
    Ed25519KeyPair::from_bytes(&[seed, &public].concat()).expect("an Ed25519 key")
}

fn claims() -> JWTClaims<Others> {
    let others = Others {
        client_id: CLAIMS.client_id.into(),
        sid: CLAIMS.sid.into(),
        generation: CLAIMS.generation,
        scope: CLAIMS.scope.into(),
        plan: CLAIMS.plan.into(),
    };
    let mut claims = Claims::with_custom_claims(others, Duration::from_secs(900))
        .with_issuer(CLAIMS.iss)
        .with_audience(CLAIMS.aud)
        .with_subject(CLAIMS.sub)
        .with_jwt_id(CLAIMS.jti);
    claims.issued_at = Some(UnixTimeStamp::from_secs(CLAIMS.iat));
    claims.expires_at = Some(UnixTimeStamp::from_secs(CLAIMS.exp));
    claims.invalid_before = None;
    claims
}
