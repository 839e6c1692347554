//! Passwords that a signed-in user says again.

use bulla_core::{
    audit::Origin,
    authentication::{Proof, ProofError},
};
use bulla_guard::problem::Code;

use crate::{
    edge::{caller::Caller, parse, refused::Refused, secret::SecretText},
    guessing::{Account, PasswordFailure},
    issuer::Issuer,
};

/// What the caller, who is there, says to be the password.
pub(super) fn said(
    caller: &Caller,
    current_password: &SecretText,
    from: Origin,
) -> Result<Proof, Refused> {
    Ok(Proof {
        account: caller.account.clone(),
        session: caller.session,
        password: parse::password("current_password", current_password)?,
        address: from,
    })
}

/// What comes of a use case that asks the caller for the password: a wrong one counts as one at a login does.
pub(super) async fn counted<T, E: PasswordFailure>(
    issuer: &Issuer,
    caller: &Caller,
    from: Origin,
    use_case: impl Future<Output = Result<T, E>>,
) -> Result<T, Refused>
where
    Refused: From<E>,
{
    let account = Account::from(&caller.account);
    let guess = issuer.guessing().begin(account, from, issuer.moment())?;
    let outcome = use_case.await;
    guess.came_to(&outcome);
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
