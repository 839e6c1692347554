use std::hint::black_box;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
        RsaKeyPair,
    },
};
use bulla_jose::jwa::Algorithm;

use super::{Contender, RAW};
use crate::subject::Subject;

pub(super) fn verifying(subject: &Subject) -> Contender {
    let (message, signature) = (subject.signing_input().to_vec(), subject.signature());
    if subject.algorithm == Algorithm::Hs256 {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &subject.private);
        return Contender::new(RAW, move || {
            hmac::verify(&key, black_box(&message), &signature).expect("a good tag");
        });
    }
    let key = public_key(subject);
    Contender::new(RAW, move || {
        key.verify_sig(black_box(&message), &signature)
            .expect("a good signature");
    })
}

pub(super) fn signing(subject: &Subject) -> Contender {
    let message = subject.signing_input().to_vec();
    let random = SystemRandom::new();
    match Private::of(subject) {
        Private::Hmac(key) => Contender::new(RAW, move || {
            black_box(hmac::sign(&key, black_box(&message)));
        }),
        Private::Rsa(key) => {
            let mut signature = vec![0; key.public_modulus_len()];
            Contender::new(RAW, move || {
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    black_box(&message),
                    &mut signature,
                )
                .expect("a signature");
            })
        }
        Private::Ecdsa(key) => Contender::new(RAW, move || {
            black_box(key.sign(&random, black_box(&message)).expect("a signature"));
        }),
        Private::Ed25519(key) => Contender::new(RAW, move || {
            black_box(key.sign(black_box(&message)));
        }),
    }
}

enum Private {
    Hmac(Box<hmac::Key>),
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Private {
    fn of(subject: &Subject) -> Self {
        let bytes = &subject.private;
        match subject.algorithm {
            Algorithm::Hs256 => Self::Hmac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, bytes))),
            Algorithm::Rs256 => Self::Rsa(RsaKeyPair::from_pkcs8(bytes).expect("an RSA key")),
            Algorithm::Es256 => Self::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).expect("a key"),
            ),
            _ => Self::Ed25519(Ed25519KeyPair::from_pkcs8(bytes).expect("an Ed25519 key")),
        }
    }
}

fn public_key(subject: &Subject) -> ParsedPublicKey {
    let parsed = match Private::of(subject) {
        Private::Hmac(_) => unreachable!("an HMAC has no public key"),
        Private::Rsa(key) => {
            ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
        }
        Private::Ecdsa(key) => {
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref())
        }
        Private::Ed25519(key) => ParsedPublicKey::new(&ED25519, key.public_key().as_ref()),
    };
    parsed.expect("a public key")
}
