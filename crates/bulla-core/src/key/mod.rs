//! Signing keys as the store keeps them: wrapped, with a place in their life.

use bulla_jose::{jwa::Algorithm, jwk::KeyId};

use crate::time::Timestamp;

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

/// A key's life: `next → active → retiring → retired`.
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
