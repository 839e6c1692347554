use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512};
use zeroize::Zeroizing;

use super::{
    HashRefused,
    digest::Digest,
    limits,
    phc::{self, Phc, number},
};

/// A PBKDF2 hash (RFC 8018 5.2): `$pbkdf2-sha256$i=…,l=…$salt$output`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pbkdf2Hash {
    function: Pbkdf2Function,
    iterations: NonZeroU32,
    digest: Digest,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pbkdf2Function {
    Sha1,
    Sha256,
    Sha512,
}

impl Pbkdf2Function {
    fn named(name: &str) -> Option<Self> {
        match name {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    const fn output_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    const fn algorithm(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => PBKDF2_HMAC_SHA1,
            Self::Sha256 => PBKDF2_HMAC_SHA256,
            Self::Sha512 => PBKDF2_HMAC_SHA512,
        }
    }
}

impl Pbkdf2Hash {
    pub(super) const ID_PREFIX: &str = "pbkdf2-";

    pub(super) fn parse(function: &str, rest: &str) -> Result<Self, HashRefused> {
        let function = Pbkdf2Function::named(function).ok_or(HashRefused::Unknown)?;
        let mut phc = Phc::read(rest)?;
        let iterations: NonZeroU32 = phc.number("i")?;
        let length: Option<usize> = phc.take("l").map(number).transpose()?;
        let digest = phc.digest()?;
        if length.is_some_and(|length| length != digest.output().len()) {
            return Err(HashRefused::Malformed);
        }
        let blocks = digest.output().len().div_ceil(function.output_bytes());
        limits::pbkdf2_rounds(iterations, blocks)?;
        Ok(Self {
            function,
            iterations,
            digest,
        })
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        let id = format!("{}{}", Self::ID_PREFIX, self.function.name());
        let (i, l) = (self.iterations, self.digest.output().len());
        phc::write(&id, &format!("i={i},l={l}"), &self.digest)
    }

    pub(super) fn matches(&self, password: &[u8]) -> bool {
        let Digest { salt, .. } = &self.digest;
        let algorithm = self.function.algorithm();
        pbkdf2::verify(
            algorithm,
            self.iterations,
            salt,
            password,
            self.digest.output(),
        )
        .is_ok()
    }
}
