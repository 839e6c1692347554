//! Signing keys as the store keeps them: wrapped, with a place in their life.

use std::str::FromStr;

use bulla_jose::{jwa::Algorithm, jwk::KeyId};

use crate::{ids::UnknownName, time::Timestamp};

pub mod ring;
pub mod wrap;

/// A signing key at rest. Its private half is readable only with the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// The `kid` in tokens and in the JWK set.
    pub key_id: KeyId,
    /// The one algorithm it signs with.
    pub algorithm: Algorithm,
    /// Where in its life it is.
    pub state: KeyState,
    /// The wrapped private key (AES-256-GCM under the master key; nonce first).
    pub wrapped: Vec<u8>,
    /// When it was made, and published with it.
    pub created_at: Timestamp,
}

/// A key's life: `next → active → retiring → retired`. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that every verifier knows it before the first signature.
    Next,
    /// Signs.
    Active,
    /// Signs no more, published until its last token has ended.
    Retiring,
    /// Gone from the JWK set.
    Retired,
}

impl KeyState {
    const ALL: [Self; 4] = [Self::Next, Self::Active, Self::Retiring, Self::Retired];

    /// The stable name in the store and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }
}

impl FromStr for KeyState {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let mut all = Self::ALL.into_iter();
        all.find(|state| state.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_back_by_its_name() {
        for state in KeyState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("".parse::<KeyState>(), Err(UnknownName));
    }
}
