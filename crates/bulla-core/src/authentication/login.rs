use super::{AuthenticationService, IssueError, IssuedSession, SessionRequest};
use crate::{
    account::{Account, LoginName, Password},
    audit::Origin,
    contention::{ATTEMPTS, contended},
    ports::HasherOverloaded,
    session::Device,
    store::StoreError,
};

/// Why a login failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no such account, the password is another, or the account is disabled: nobody
    /// outside may learn which.
    #[error("the name or the password is wrong")]
    CredentialsInvalid,
    /// Too many passwords are being checked.
    #[error(transparent)]
    Overloaded(#[from] HasherOverloaded),
    /// No token could be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AuthenticationService {
    /// Opens a session for whoever knows the password.
    ///
    /// # Errors
    /// [`LoginError`].
    pub async fn login(
        &self,
        name: LoginName,
        password: Password,
        device: Device,
        request: SessionRequest,
    ) -> Result<IssuedSession, LoginError> {
        let store = &self.ports.store;
        let mut candidate = Some(
            self.identify(&name, password.clone(), device.address)
                .await?,
        );
        for _ in 0..ATTEMPTS {
            let welcome = candidate.filter(|account| account.disabled_at.is_none());
            let account = welcome.ok_or(LoginError::CredentialsInvalid)?;
            let start = self.session_start(&account, device.clone(), &request);
            let start = start.await?;
            if store.create_session(&start).await? {
                self.make_hash_own(&account, password).await;
                return self
                    .issue_first(&start.session, account, request.expires_in)
                    .await;
            }
            // The account changed while the password was checked. What was proven holds only
            // for the hash that it was proven against.
            let proven = account.password;
            candidate = store.account(&account.id).await?;
            if let Some(account) = &candidate
                && account.password != proven
            {
                let hash = Some(account.password.clone());
                let matches = self.ports.hasher.verify(password.clone(), hash).await?;
                candidate = candidate.filter(|_| matches);
            }
        }
        Err(contended().into())
    }

    /// The account of whoever knows the password, and asks from there; no session is opened.
    ///
    /// # Errors
    /// [`LoginError`], but never that no token could be made.
    pub async fn identify(
        &self,
        name: &LoginName,
        password: Password,
        from: Origin,
    ) -> Result<Account, LoginError> {
        let found = self.ports.store.account_by_name(name).await?;
        // One path for all: who does not exist or may not sign in costs a hash like everybody.
        let hash = found.as_ref().map(|account| account.password.clone());
        let matches = self.ports.hasher.verify(password, hash).await?;
        if let Some(account) = &found
            && !matches
        {
            // Recorded later: now, it would tell by its time that there is such an account.
            let now = self.ports.clock.now();
            self.wrong_passwords.count(&account.id, from, now);
        }
        let welcome = found.filter(|account| matches && account.disabled_at.is_none());
        welcome.ok_or(LoginError::CredentialsInvalid)
    }

    /// Keeps the proven password as we do, if another system's hash of it, or one by older rules, is kept. Whoever
    /// signs in is in already: what fails here is tried again at the next login. A password that was changed
    /// meanwhile wins.
    async fn make_hash_own(&self, account: &Account, password: Password) {
        if account.password.is_own() {
            return;
        }
        if let Ok(hash) = self.ports.hasher.hash(password).await {
            let old = &account.password;
            let replaced = self
                .ports
                .store
                .replace_password_hash(&account.id, old, &hash);
            drop(replaced.await);
        }
    }
}
