//! Passwords that somebody chooses: good enough, and hashed.

use crate::{
    account::{OwnNames, Password, PasswordHash, PasswordPolicy, PasswordRefused},
    ports::{HasherOverloaded, Ports},
};

/// Why nobody gets the password that they chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NewPasswordError {
    /// It is not good enough.
    #[error(transparent)]
    Refused(#[from] PasswordRefused),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Overloaded(#[from] HasherOverloaded),
}

impl Ports {
    /// The hash of a password for somebody with these names.
    pub(crate) async fn new_password(
        &self,
        password: Password,
        policy: PasswordPolicy,
        names: OwnNames<'_>,
    ) -> Result<PasswordHash, NewPasswordError> {
        policy.check(&password, names)?;
        Ok(self.hasher.hash(password).await?)
    }
}
