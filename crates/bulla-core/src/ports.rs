//! What the rules need from outside, besides the [store](crate::store).

use async_trait::async_trait;

use crate::{
    account::{Password, PasswordHash},
    revocation::RevocationRecord,
    time::Timestamp,
};

/// The store's clock.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// A cryptographically secure source of randomness.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// Password hashing off the request path: bounded, so that a flood is refused instead of piled up.
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// Hashes a new password.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HasherOverloaded>;

    /// Whether the password is the one behind `hash`. `None` (no such account) costs the same and is never true.
    async fn verify(
        &self,
        password: Password,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HasherOverloaded>;
}

/// The queue of waiting hashes is full; nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct HasherOverloaded;

/// Where committed revocations go. Called after the commit and before the answer, so that the next
/// request already meets them.
pub trait RevocationSink: Send + Sync + 'static {
    /// Makes the records take effect.
    fn publish(&self, records: &[RevocationRecord]);
}
