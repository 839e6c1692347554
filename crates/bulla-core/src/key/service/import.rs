use bulla_jose::jwk::{KeyError, SigningKey};

use super::{Author, Decision, KeyService, KeysError};
use crate::{
    administration::Administrator,
    key::{KeyState, StoredSigningKey, life::RotationRefused},
};

/// Why a key was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportKeyError {
    /// There is one of this ID.
    #[error("there is a signing key of this ID, which is {}", .0.as_str())]
    Known(KeyState),
    /// It could not be read back.
    #[error("the key cannot be kept: {0}")]
    Unkeepable(KeyError),
    /// There is no room for it.
    #[error(transparent)]
    Refused(#[from] RotationRefused),
    /// The keys could not be read or changed.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl KeyService {
    /// Takes a key from elsewhere. It becomes the next one in place of the one that was; or, with `at_once`, it signs as soon
    /// as every issuer knows it. One that has retired may come back.
    ///
    /// # Errors
    /// [`ImportKeyError`].
    pub async fn import(
        &self,
        key: &SigningKey,
        at_once: bool,
        by: &Administrator,
    ) -> Result<(), ImportKeyError> {
        let now = self.ports.clock.now();
        let wrapped = self.ports.wrapped(key, now);
        let wrapped = wrapped.map_err(ImportKeyError::Unkeepable)?;
        let schedule = self.schedule();
        self.change(Author::Administrator(by), |keys, now| {
            let state = keys.find(key.key_id()).map(|known| keys.state(known, now));
            if let Some(state) = state.filter(|state| *state != KeyState::Retired) {
                return Err(ImportKeyError::Known(state));
            }
            let imported = StoredSigningKey {
                created_at: now,
                ..wrapped.clone()
            };
            let turn = keys.importation(&imported, schedule, at_once, now)?;
            Ok(Some(Decision {
                imported: Some(imported),
                ..Decision::of(turn)
            }))
        })
        .await
    }
}
