use super::{Author, Decision, KeyService, KeysError};
use crate::{administration::Administrator, key::life::RotationRefused};

/// Why the keys were not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// They are not ready for it.
    #[error(transparent)]
    Refused(#[from] RotationRefused),
    /// They could not be read or changed.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl KeyService {
    /// Lets the next key sign as soon as every issuer knows of it, and makes another next one. With `at_once`, it need not
    /// have been published for as long as usual.
    ///
    /// # Errors
    /// [`RotateError`].
    pub async fn rotate(&self, at_once: bool, by: &Administrator) -> Result<(), RotateError> {
        // What is due comes first: the next key may be one for another algorithm.
        self.tend().await?;
        let schedule = self.schedule();
        self.change(Author::Administrator(by), |keys, now| {
            let turn = keys.rotation(schedule, at_once, now)?;
            let is_due = !turn.is_empty();
            Ok(is_due.then(|| Decision::of(turn)))
        })
        .await
    }
}
