use super::AuthenticationService;
use crate::{
    account::{Account, Password},
    audit::Origin,
    ids::{AccountId, SessionId},
    ports::HasherOverloaded,
    store::StoreError,
};

/// A signed-in user who says the password again: for what a stolen token must not be enough for.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Claim `sub` of the verified access token.
    pub account: AccountId,
    /// Its claim `sid`.
    pub session: SessionId,
    /// The password.
    pub password: Password,
    /// Where the request came from.
    pub address: Origin,
}

/// Why somebody has not proven to be the account's owner.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The password is another.
    #[error("the current password is wrong")]
    CredentialsInvalid,
    /// The session has ended, or its account is disabled or deleted.
    #[error("the session has been ended")]
    Revoked,
    /// Too many passwords are being checked.
    #[error(transparent)]
    Overloaded(#[from] HasherOverloaded),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// The account of whoever has proven to own it.
    pub(super) async fn prove(&self, proof: Proof) -> Result<Account, ProofError> {
        let account = self.live_account(&proof.account, proof.session).await?;
        let account = account.ok_or(ProofError::Revoked)?;
        let (hash, address) = (account.password.clone(), proof.address);
        match self.ports.hasher.verify(proof.password, Some(hash)).await? {
            true => Ok(account),
            false => {
                let now = self.ports.clock.now();
                self.wrong_passwords.count(&account.id, address, now);
                Err(ProofError::CredentialsInvalid)
            }
        }
    }

    /// The account, if it may sign in and this is a live session of it.
    pub(super) async fn live_account(
        &self,
        id: &AccountId,
        session: SessionId,
    ) -> Result<Option<Account>, StoreError> {
        let found = self.ports.store.session(session).await?;
        let now = self.ports.clock.now();
        let live = found.filter(|(session, account)| {
            session.account == *id
                && account.disabled_at.is_none()
                && session.is_live(now, self.settings.session.idle)
        });
        Ok(live.map(|(_, account)| account))
    }
}
