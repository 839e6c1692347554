//! Passwords that a signed-in user says again.

use std::net::IpAddr;

use bulla_core::{authentication::ProofError, ids::AccountId};
use bulla_guard::problem::Code;

use crate::{edge::refused::Refused, guessing::Account, issuer::Issuer};

/// What comes of a use case that asks for the password: a wrong one counts as one at a login does.
pub(super) async fn counted<T>(
    issuer: &Issuer,
    account: &AccountId,
    address: Option<IpAddr>,
    use_case: impl Future<Output = Result<T, ProofError>>,
) -> Result<T, Refused> {
    let guess = issuer
        .guessing()
        .begin(Account::from(account), address, issuer.moment())?;
    let outcome = use_case.await;
    match &outcome {
        Ok(_) => guess.succeeded(),
        Err(ProofError::CredentialsInvalid) => guess.failed(),
        Err(_) => {}
    }
    Ok(outcome?)
}

impl From<ProofError> for Refused {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::CredentialsInvalid => {
                Self::new(Code::CredentialsInvalid, error.to_string())
            }
            ProofError::Revoked => Self::new(Code::SessionRevoked, error.to_string()),
            ProofError::Overloaded(error) => error.into(),
            ProofError::Store(error) => error.into(),
        }
    }
}
