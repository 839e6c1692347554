use bulla_jose::jwk::KeyId;

use super::{Author, Decision, KeyService, KeysError};
use crate::{administration::Administrator, key::KeyState};

/// Why a key was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeKeyError {
    /// There is no such key.
    #[error("there is no such signing key")]
    NotFound,
    /// The keys could not be read or changed.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl KeyService {
    /// The emergency brake: from now on nothing is good that this key has signed. If it is the one that signs, the next one
    /// does at once. Nothing changes if it is revoked already.
    ///
    /// # Errors
    /// [`RevokeKeyError`].
    pub async fn revoke(&self, key: &KeyId, by: &Administrator) -> Result<(), RevokeKeyError> {
        self.change(Author::Administrator(by), |keys, now| {
            let key = keys.find(key).ok_or(RevokeKeyError::NotFound)?;
            let is_new = keys.state(key, now) != KeyState::Revoked;
            Ok(is_new.then(|| Decision::of(keys.revocation(key, now))))
        })
        .await
    }
}
