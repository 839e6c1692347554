use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256K1_SHA256_FIXED, ECDSA_P384_SHA384_FIXED,
    ECDSA_P521_SHA512_FIXED, ED25519, ML_DSA_44, ML_DSA_65, ML_DSA_87, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    RsaPublicKeyComponents, VerificationAlgorithm,
};

use super::super::{Rejected, Verify, hmac::HmacKey};
use crate::{jwa::Algorithm, jwk::PublicKey};

/// A parsed public key or a keyed HMAC: parsing costs more than some verifications, so it is done once.
pub(crate) enum Verifier {
    Hmac(HmacKey),
    Public(ParsedPublicKey),
}

impl Verify for Verifier {
    fn from_public(algorithm: Algorithm, key: &PublicKey) -> Result<Self, Rejected> {
        let parsed = match key {
            PublicKey::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(rsa_parameters(algorithm).ok_or(Rejected)?),
            PublicKey::Ec { x, y, .. } => {
                let point = [&[4], x.as_slice(), y].concat();
                ParsedPublicKey::new(verification(algorithm).ok_or(Rejected)?, point)
            }
            PublicKey::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x),
            PublicKey::X25519 { .. } => return Err(Rejected),
            PublicKey::MlDsa { public, .. } => {
                ParsedPublicKey::new(verification(algorithm).ok_or(Rejected)?, public)
            }
        };
        parsed.map(Self::Public).map_err(|_| Rejected)
    }

    fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Rejected> {
        HmacKey::new(algorithm, secret).map(Self::Hmac)
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => key.verify(message, signature),
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
        }
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        _ => None,
    }
}

fn verification(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Some(&ECDSA_P384_SHA384_FIXED),
        Algorithm::Es512 => Some(&ECDSA_P521_SHA512_FIXED),
        Algorithm::Es256k => Some(&ECDSA_P256K1_SHA256_FIXED),
        Algorithm::MlDsa44 => Some(&ML_DSA_44),
        Algorithm::MlDsa65 => Some(&ML_DSA_65),
        Algorithm::MlDsa87 => Some(&ML_DSA_87),
        _ => None,
    }
}
