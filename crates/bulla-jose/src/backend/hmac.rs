//! HMAC (RFC 2104), with both pads absorbed when the key is made.

use aws_lc_rs::{constant_time, hmac as aws_lc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Rejected;
use crate::jwa::Algorithm;

/// A secret that is ready to authenticate. It wipes itself.
///
/// Where the processor has instructions for SHA-256, HMAC-SHA-256 is RustCrypto's: around the same instructions, aws-lc
/// copies more. Everywhere else aws-lc is the faster one.
pub(crate) enum HmacKey {
    Sha256(Hmac<Sha256>),
    AwsLc(Box<aws_lc::Key>),
}

/// Bytes of the tags of one of the algorithms HS256, HS384 and HS512, and the least that a secret has (RFC 7518 section
/// 3.2).
pub(crate) const fn tag_bytes(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs256 => 32,
        Algorithm::Hs384 => 48,
        _ => 64,
    }
}

impl HmacKey {
    /// The secret of one of the algorithms HS256, HS384 and HS512.
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, Rejected> {
        let hash = match algorithm {
            Algorithm::Hs256 if processor_has_sha256() => {
                let key = Hmac::new_from_slice(secret).map_err(|_| Rejected)?;
                return Ok(Self::Sha256(key));
            }
            Algorithm::Hs256 => aws_lc::HMAC_SHA256,
            Algorithm::Hs384 => aws_lc::HMAC_SHA384,
            Algorithm::Hs512 => aws_lc::HMAC_SHA512,
            _ => return Err(Rejected),
        };
        Ok(Self::AwsLc(Box::new(aws_lc::Key::new(hash, secret))))
    }

    pub(super) fn tag_bytes(&self) -> usize {
        match self {
            Self::Sha256(_) => tag_bytes(Algorithm::Hs256),
            Self::AwsLc(key) => key.algorithm().digest_algorithm().output_len(),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256(key) => {
                let tag = key.clone().chain_update(message).finalize();
                tag.into_bytes().to_vec()
            }
            Self::AwsLc(key) => aws_lc::sign(key, message).as_ref().to_vec(),
        }
    }

    /// Takes the same time for every wrong tag of the right length.
    pub(super) fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        match self {
            Self::Sha256(key) => {
                let found = key.clone().chain_update(message).finalize().into_bytes();
                constant_time::verify_slices_are_equal(&found, tag).is_ok()
            }
            Self::AwsLc(key) => aws_lc::verify(key, message, tag).is_ok(),
        }
    }
}

fn processor_has_sha256() -> bool {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    return std::arch::is_x86_feature_detected!("sha");
    #[cfg(target_arch = "aarch64")]
    return std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_compute_the_same() {
        for length in [32, 63, 64, 65, 131, 1000] {
            let secret: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let message = vec![0x5a; length * 7];
            let ours = HmacKey::new(Algorithm::Hs256, &secret).unwrap();
            let aws_lc = aws_lc::Key::new(aws_lc::HMAC_SHA256, &secret);
            let aws_lc = HmacKey::AwsLc(Box::new(aws_lc));
            let tag = aws_lc.sign(&message);
            assert_eq!(ours.sign(&message), tag, "{length}");
            assert!(ours.verify(&message, &tag) && aws_lc.verify(&message, &tag));
            for key in [&ours, &aws_lc] {
                assert!(!key.verify(&message[1..], &tag), "{length}");
                assert!(!key.verify(&message, &tag[1..]), "{length}");
            }
        }
    }
}
