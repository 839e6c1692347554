//! Signing keys: how they rest, and their life, `next → active → retiring → retired`.
//!
//! Where in its life a key is follows from the time and from the keys after it, by the one rule in [`life`]: so all issuers
//! of a store agree on it without a word. A change is [decided](life) on all keys as they were read, and made only if they
//! are still the same.

use std::{str::FromStr, time::Duration};

use bulla_jose::{jwa::Algorithm, jwk::KeyId};

use crate::{ids::UnknownName, time::Timestamp};

pub mod life;
pub mod ring;
pub mod service;
pub mod wrap;

/// A signing key at rest. Its private half is readable only with the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// The `kid` in tokens and in the JWK set.
    pub key_id: KeyId,
    /// The one algorithm it signs with.
    pub algorithm: Algorithm,
    /// When it was made, and published with it.
    pub created_at: Timestamp,
    /// From when on it signs, at every issuer, until another one does. `None`: that is not decided yet.
    pub signs_from: Option<Timestamp>,
    /// What is left of it.
    pub private: PrivateHalf,
}

/// The private half of a stored key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrivateHalf {
    /// AES-256-GCM under the master key; nonce first.
    Wrapped(Vec<u8>),
    /// It is gone since then, and its tokens are good for nothing.
    Removed(Removal, Timestamp),
}

/// Why a key is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Its last token had ended, or it never signed one.
    Retired,
    /// An administrator does not trust it any longer.
    Revoked,
}

/// All keys of a store, and what is known beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeys {
    /// Another number after every change, the next one.
    pub revision: u64,
    /// What new keys are for.
    pub wanted: WantedAlgorithm,
    /// Those that were ever promoted in the order in which they sign, then the others as they were made.
    keys: Vec<StoredSigningKey>,
    /// The longest that an access token was ever allowed to live.
    pub longest_lifetime: Duration,
}

/// What new keys are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedAlgorithm {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Since when. Keys of another algorithm that are older make way for it; one that was imported later stays.
    pub since: Timestamp,
}

/// Where in its life a key is. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that every verifier knows it before the first signature.
    Next,
    /// Signs.
    Active,
    /// Signs no more, published until its last token has ended.
    Retiring,
    /// Gone from the JWK set, its private half removed.
    Retired,
    /// The same, before its time.
    Revoked,
}

impl SigningKeys {
    /// These keys, in whatever order they come.
    #[must_use]
    pub fn new(
        revision: u64,
        wanted: WantedAlgorithm,
        mut keys: Vec<StoredSigningKey>,
        longest_lifetime: Duration,
    ) -> Self {
        keys.sort_by(|one, other| {
            let order =
                |key: &StoredSigningKey| (key.signs_from.is_none(), key.signs_from, key.created_at);
            order(one)
                .cmp(&order(other))
                .then_with(|| one.key_id.cmp(&other.key_id))
        });
        Self {
            revision,
            wanted,
            keys,
            longest_lifetime,
        }
    }

    /// All of them, those that are no more too.
    #[must_use]
    pub fn all(&self) -> &[StoredSigningKey] {
        &self.keys
    }

    /// The key of this ID.
    #[must_use]
    pub fn find(&self, id: &KeyId) -> Option<&StoredSigningKey> {
        self.keys.iter().find(|key| key.key_id == *id)
    }
}

impl StoredSigningKey {
    /// Whether it can still sign or verify.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self.private, PrivateHalf::Wrapped(_))
    }

    /// The same without its private half.
    #[must_use]
    pub fn removed(&self, why: Removal, at: Timestamp) -> Self {
        Self {
            // What was not to sign before then never did.
            signs_from: self.signs_from.filter(|from| *from <= at),
            private: PrivateHalf::Removed(why, at),
            ..self.clone()
        }
    }
}

impl Removal {
    const ALL: [Self; 2] = [Self::Retired, Self::Revoked];

    /// The stable name in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

impl FromStr for Removal {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let mut all = Self::ALL.into_iter();
        all.find(|removal| removal.as_str() == name)
            .ok_or(UnknownName)
    }
}

impl KeyState {
    /// The stable name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_removal_is_read_back_by_its_name() {
        for removal in Removal::ALL {
            assert_eq!(removal.as_str().parse(), Ok(removal));
        }
        assert_eq!("active".parse::<Removal>(), Err(UnknownName));
    }
}
