//! The one place that computes: no other module names a crate for cryptography.
//!
//! A backend that only verifies has to bring [`Verifier`], which is made and used by [`Verify`] alone, and [`sha256`]. The
//! rest (signing, encryption, random bytes) is used by name where a key is private or content is encrypted, and would be
//! left out together with it.
//!
//! A backend need not check sizes and encodings that [`crate::jwk`] checks before it hands a key over.

mod aws_lc;
mod curve25519;
mod hmac;

use zeroize::Zeroizing;

pub(crate) use aws_lc::{
    AgreementKey, OaepDecrypter, OaepEncrypter, Sealed, Signer, Verifier, curve_of, open, random,
    rsa_from_der, rsa_from_jwk, seal, sha256, unwrap_key, wrap_key,
};
pub(crate) use curve25519::is_ed25519_key;
pub(crate) use hmac::tag_bytes;

use crate::{
    jwa::Algorithm,
    jwk::{PrivateKey, PublicKey},
};

/// The backend refuses the key or could not compute. Which of its reasons it was, is not for a caller to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rejected;

/// A key that is ready to verify with its one algorithm.
pub(crate) trait Verify: Sized + Send + Sync {
    /// A public key; a point that is not on its curve is refused.
    fn from_public(algorithm: Algorithm, key: &PublicKey) -> Result<Self, Rejected>;

    /// The secret of an HMAC.
    fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Rejected>;

    /// Whether `signature` is this key's over `message`. Takes the same time for every wrong HMAC of the right length.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// A key that is ready to sign with its one algorithm.
pub(crate) trait Sign: Sized + Send + Sync {
    /// A new key; RSA keys have 3072 bits, secrets are as long as the hash.
    fn generate(algorithm: Algorithm) -> Result<Self, Rejected>;

    /// A key from its PKCS#8 DER, or from the secret itself for an HMAC.
    fn from_private(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Rejected>;

    /// A key from another DER encoding too; none for an HMAC.
    fn from_der(algorithm: Algorithm, der: PrivateDer<'_>) -> Result<Self, Rejected>;

    /// A key from both halves of its JWK, which have to fit together.
    fn from_jwk(
        algorithm: Algorithm,
        public: &PublicKey,
        private: &PrivateKey,
    ) -> Result<Self, Rejected>;

    /// The bytes that [`Sign::from_private`] reads.
    fn private_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Rejected>;

    /// The public half, or the secret of an HMAC.
    fn verifying_half(&self) -> Result<VerifyingHalf, Rejected>;

    /// How long its signatures are, in bytes.
    fn signature_bytes(&self) -> usize;

    /// The signature over `message` in the encoding that JWS wants (RFC 7518 section 3).
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Rejected>;
}

/// What verifies the signatures of a key.
pub(crate) enum VerifyingHalf {
    Public(PublicKey),
    Secret(Zeroizing<Vec<u8>>),
}

/// A private key in one of its DER encodings.
#[derive(Clone, Copy)]
pub(crate) enum PrivateDer<'a> {
    /// `PrivateKeyInfo` (RFC 5208, RFC 5958), for every type of key.
    Pkcs8(&'a [u8]),
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    Pkcs1(&'a [u8]),
    /// `ECPrivateKey` (RFC 5915).
    Sec1(&'a [u8]),
}
