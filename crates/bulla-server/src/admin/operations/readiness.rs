//! What being ready means: not the same for a gateway as for an issuer.

use bulla_core::store::StoreError;
use bulla_guard::keys::KeySet;

use crate::issuer::Issuer;

/// Something that can say whether it can do its work. `/readyz` asks it.
pub trait Readiness: Send + Sync + 'static {
    /// Whether it can do its work now.
    ///
    /// # Errors
    /// [`NotReady`]: what is missing.
    fn check(&self) -> impl Future<Output = Result<(), NotReady>> + Send;
}

/// What is missing.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Without keys no token can be verified, nor signed.
    #[error("there are no keys")]
    NoKeys,
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An issuer needs its store and its keys.
impl Readiness for Issuer {
    async fn check(&self) -> Result<(), NotReady> {
        match Self::check(self).await? {
            true => Ok(()),
            false => Err(NotReady::NoKeys),
        }
    }
}

/// A gateway alone needs keys.
impl Readiness for KeySet {
    async fn check(&self) -> Result<(), NotReady> {
        match self.is_empty() {
            false => Ok(()),
            true => Err(NotReady::NoKeys),
        }
    }
}
