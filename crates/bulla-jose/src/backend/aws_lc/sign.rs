use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING,
        ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING,
        ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
        RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
    },
};
use zeroize::Zeroizing;

use super::{
    super::{
        PrivateDer, Rejected, Sign, VerifyingHalf,
        hmac::{HmacKey, tag_bytes},
    },
    random, rsa,
};
use crate::{
    jwa::Algorithm,
    jwk::{Curve, PrivateKey, PublicKey},
};

/// A private key of one of the families, with what turns the family into one algorithm.
pub(crate) enum Signer {
    Hmac(HmacKey, Zeroizing<Vec<u8>>),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair, Curve),
    Ed25519(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair, Algorithm),
}

impl Sign for Signer {
    fn generate(algorithm: Algorithm) -> Result<Self, Rejected> {
        Ok(match Family::of(algorithm)? {
            Family::Hmac => {
                let mut secret = Zeroizing::new(vec![0; tag_bytes(algorithm)]);
                random(&mut secret)?;
                Self::Hmac(HmacKey::new(algorithm, &secret)?, secret)
            }
            Family::Rsa(encoding) => Self::Rsa(RsaKeyPair::generate(KeySize::Rsa3072)?, encoding),
            Family::Ecdsa(signing, curve) => Self::Ecdsa(EcdsaKeyPair::generate(signing)?, curve),
            Family::Ed25519 => Self::Ed25519(Ed25519KeyPair::generate()?),
            Family::MlDsa(signing) => Self::MlDsa(PqdsaKeyPair::generate(signing)?, algorithm),
        })
    }

    fn from_private(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Rejected> {
        Ok(match Family::of(algorithm)? {
            Family::Hmac => Self::Hmac(HmacKey::new(algorithm, bytes)?, bytes.to_vec().into()),
            Family::Rsa(encoding) => Self::Rsa(RsaKeyPair::from_pkcs8(bytes)?, encoding),
            Family::Ecdsa(signing, curve) => {
                Self::Ecdsa(EcdsaKeyPair::from_pkcs8(signing, bytes)?, curve)
            }
            Family::Ed25519 => Self::Ed25519(Ed25519KeyPair::from_pkcs8(bytes)?),
            Family::MlDsa(signing) => {
                Self::MlDsa(PqdsaKeyPair::from_pkcs8(signing, bytes)?, algorithm)
            }
        })
    }

    fn from_der(algorithm: Algorithm, der: PrivateDer<'_>) -> Result<Self, Rejected> {
        match (Family::of(algorithm)?, der) {
            (Family::Hmac, _) => Err(Rejected),
            (Family::Rsa(encoding), der) => Ok(Self::Rsa(rsa::from_der(der)?, encoding)),
            (Family::Ecdsa(signing, curve), PrivateDer::Sec1(der)) => {
                let key = EcdsaKeyPair::from_private_key_der(signing, der)?;
                Ok(Self::Ecdsa(key, curve))
            }
            (_, PrivateDer::Pkcs8(der)) => Self::from_private(algorithm, der),
            _ => Err(Rejected),
        }
    }

    fn from_jwk(
        algorithm: Algorithm,
        public: &PublicKey,
        private: &PrivateKey,
    ) -> Result<Self, Rejected> {
        Ok(match (Family::of(algorithm)?, public, private) {
            (Family::Rsa(encoding), public, private) => {
                Self::Rsa(rsa::from_jwk(public, private)?, encoding)
            }
            (Family::Ecdsa(signing, curve), PublicKey::Ec { x, y, .. }, PrivateKey::One(d)) => {
                let point = [&[4], x.as_slice(), y].concat();
                let key = EcdsaKeyPair::from_private_key_and_public_key(signing, d, &point)?;
                Self::Ecdsa(key, curve)
            }
            (Family::Ed25519, PublicKey::Ed25519 { x }, PrivateKey::One(seed)) => {
                Self::Ed25519(Ed25519KeyPair::from_seed_and_public_key(seed, x)?)
            }
            (Family::MlDsa(signing), PublicKey::MlDsa { public, .. }, PrivateKey::One(seed)) => {
                let key = PqdsaKeyPair::from_seed(signing, seed)?;
                if key.public_key().as_ref() != public.as_slice() {
                    return Err(Rejected);
                }
                Self::MlDsa(key, algorithm)
            }
            _ => return Err(Rejected),
        })
    }

    fn private_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Rejected> {
        // Documents and DER values of aws-lc-rs wipe themselves.
        Ok(Zeroizing::new(match self {
            Self::Hmac(_, secret) => secret.to_vec(),
            Self::Rsa(key, _) => key.as_der()?.as_ref().to_vec(),
            Self::Ecdsa(key, _) => key.to_pkcs8v1()?.as_ref().to_vec(),
            Self::Ed25519(key) => key.to_pkcs8v1()?.as_ref().to_vec(),
            Self::MlDsa(key, _) => key.to_pkcs8v1()?.as_ref().to_vec(),
        }))
    }

    fn verifying_half(&self) -> Result<VerifyingHalf, Rejected> {
        let public = match self {
            Self::Hmac(_, secret) => return Ok(VerifyingHalf::Secret(secret.clone())),
            Self::Rsa(key, _) => rsa::public_half(key.public_key()),
            Self::Ecdsa(key, curve) => {
                let coordinates = key
                    .public_key()
                    .as_ref()
                    .strip_prefix(&[4])
                    .ok_or(Rejected)?;
                let (x, y) = coordinates.split_at(coordinates.len() / 2);
                PublicKey::ec(*curve, x.to_vec(), y.to_vec())
            }
            Self::Ed25519(key) => {
                PublicKey::ed25519(key.public_key().as_ref().try_into().map_err(|_| Rejected)?)
            }
            Self::MlDsa(key, parameters) => {
                PublicKey::ml_dsa(*parameters, key.public_key().as_ref().to_vec())
            }
        };
        public.map(VerifyingHalf::Public).map_err(|_| Rejected)
    }

    fn signature_bytes(&self) -> usize {
        match self {
            Self::Hmac(key, _) => key.tag_bytes(),
            Self::Rsa(key, _) => key.public_modulus_len(),
            Self::Ecdsa(_, curve) => 2 * curve.coordinate_bytes(),
            Self::Ed25519(_) => 64,
            Self::MlDsa(key, _) => key.algorithm().signature_len(),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Rejected> {
        Ok(match self {
            Self::Hmac(key, _) => key.sign(message),
            Self::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &SystemRandom::new(), message, &mut signature)?;
                signature
            }
            Self::Ecdsa(key, _) => key.sign(&SystemRandom::new(), message)?.as_ref().to_vec(),
            Self::Ed25519(key) => key.try_sign(message)?.as_ref().to_vec(),
            Self::MlDsa(key, _) => {
                let mut signature = vec![0; key.algorithm().signature_len()];
                let length = key.sign(message, &mut signature)?;
                signature.truncate(length);
                signature
            }
        })
    }
}

impl From<aws_lc_rs::error::Unspecified> for Rejected {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::KeyRejected> for Rejected {
    fn from(_: aws_lc_rs::error::KeyRejected) -> Self {
        Self
    }
}

/// What an algorithm is to `aws-lc-rs`.
enum Family {
    Hmac,
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(&'static EcdsaSigningAlgorithm, Curve),
    Ed25519,
    MlDsa(&'static PqdsaSigningAlgorithm),
}

impl Family {
    fn of(algorithm: Algorithm) -> Result<Self, Rejected> {
        Ok(match algorithm {
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => Self::Hmac,
            Algorithm::Rs256 => Self::Rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => Self::Rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => Self::Rsa(&RSA_PKCS1_SHA512),
            Algorithm::Ps256 => Self::Rsa(&RSA_PSS_SHA256),
            Algorithm::Ps384 => Self::Rsa(&RSA_PSS_SHA384),
            Algorithm::Ps512 => Self::Rsa(&RSA_PSS_SHA512),
            Algorithm::Es256 => Self::Ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, Curve::P256),
            Algorithm::Es384 => Self::Ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, Curve::P384),
            Algorithm::Es512 => Self::Ecdsa(&ECDSA_P521_SHA512_FIXED_SIGNING, Curve::P521),
            Algorithm::Es256k => Self::Ecdsa(&ECDSA_P256K1_SHA256_FIXED_SIGNING, Curve::Secp256k1),
            Algorithm::EdDsa | Algorithm::Ed25519 => Self::Ed25519,
            Algorithm::MlDsa44 => Self::MlDsa(&ML_DSA_44_SIGNING),
            Algorithm::MlDsa65 => Self::MlDsa(&ML_DSA_65_SIGNING),
            Algorithm::MlDsa87 => Self::MlDsa(&ML_DSA_87_SIGNING),
        })
    }
}
