//! What the rules need from outside.

use std::sync::Arc;

use async_trait::async_trait;
use bulla_jose::{
    jwa::Algorithm,
    jwk::{KeyError, KeyId, SigningKey},
};

use crate::{
    account::{Password, PasswordHash},
    key::ring::KeyView,
    mail::Letter,
    revocation::RevocationRecord,
    store::Store,
    time::Timestamp,
};

/// What all use cases need from outside.
#[derive(Clone)]
pub struct Ports {
    /// Accounts and sessions; it publishes the revocations that it commits.
    pub store: Arc<dyn Store>,
    /// Hashes and verifies passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Sends letters.
    pub mailer: Arc<dyn Mailer>,
    /// The store's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for identifiers and nonces.
    pub entropy: Arc<dyn Entropy>,
}

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

impl Ports {
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
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

/// Sends letters, later: whoever asks is not told what became of one, and learns nothing by how long it takes.
pub trait Mailer: Send + Sync + 'static {
    /// Takes a letter, or leaves it if too many wait.
    fn send(&self, letter: Letter);
}

/// The queue of waiting hashes is full; nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct HasherOverloaded;

/// Where the [store](Store) puts committed revocations: after the commit and before it answers, so
/// that the next request already meets them, and nobody who goes away in between can lose them.
pub trait RevocationSink: Send + Sync + 'static {
    /// Makes the records take effect. A record that comes twice is as good as one.
    fn publish(&self, records: &[RevocationRecord]);
}

/// Makes signing keys off the request path: one for RSA takes a second.
#[async_trait]
pub trait KeyMaker: Send + Sync + 'static {
    /// A new key.
    async fn make(&self, algorithm: Algorithm) -> Result<SigningKey, KeyError>;
}

/// What verifies the tokens that a [`KeyRing`](crate::key::ring::KeyRing) signs. It is told of the keys before anything is
/// signed with one that is new.
pub trait VerifyingKeySink: Send + Sync + 'static {
    /// Goes by these keys from now on. Called only if they are not the same as before.
    fn replace(&self, view: &KeyView);

    /// Whether it refuses whatever this key has signed: it may have heard of a revocation before the ring has.
    fn refuses(&self, key: &KeyId) -> bool;
}
