//! The backend over `aws-lc-rs`.

mod agreement;
mod content;
mod key_wrap;
mod oaep;
mod rsa;
mod sign;
mod verify;

use aws_lc_rs::{digest, rand};

pub(crate) use agreement::{AgreementKey, curve_of};
pub(crate) use content::{Sealed, open, seal};
pub(crate) use key_wrap::{unwrap as unwrap_key, wrap as wrap_key};
pub(crate) use oaep::{OaepDecrypter, OaepEncrypter};
pub(crate) use rsa::{from_der as rsa_from_der, from_jwk as rsa_from_jwk};
pub(crate) use sign::Signer;
pub(crate) use verify::Verifier;

use super::Rejected;

/// The SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Fills `bytes` from the system's random source.
#[expect(
    clippy::disallowed_methods,
    reason = "keys and initialisation vectors come from the system alone: nobody may hand in others"
)]
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Rejected> {
    rand::fill(bytes).map_err(|_| Rejected)
}
