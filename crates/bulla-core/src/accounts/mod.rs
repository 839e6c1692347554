//! What administrators do with accounts and their sessions. A file per use case.

use std::sync::Arc;

use crate::{
    account::{Account, LoginName, PasswordPolicy},
    audit::{AuditEvent, AuditKind},
    authentication::Origin,
    ids::AccountId,
    ports::{Clock, Entropy, PasswordHasher, RevocationSink},
    session::Session,
    store::{Store, StoreError},
    time::Timestamp,
    token::TokenSettings,
};

mod access;
mod create;
mod edit;
mod remove;

pub use create::{CreateError, NewAccount};
pub use edit::{AccountEdit, EditError};
pub use remove::RemoveError;

/// The use cases of administrators. That the caller is one is for the caller to prove.
#[derive(Clone)]
pub struct AccountService {
    ports: AccountPorts,
    settings: AccountSettings,
}

/// What the use cases need from outside.
#[derive(Clone)]
pub struct AccountPorts {
    /// Accounts and sessions.
    pub store: Arc<dyn Store>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Where revocations take effect.
    pub revocations: Arc<dyn RevocationSink>,
    /// The store's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness for identifiers.
    pub entropy: Arc<dyn Entropy>,
}

/// How the use cases are configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSettings {
    /// Access tokens: how long a revocation must be remembered.
    pub tokens: TokenSettings,
    /// New passwords.
    pub password: PasswordPolicy,
}

impl AccountService {
    /// The use cases over these ports.
    #[must_use]
    pub const fn new(ports: AccountPorts, settings: AccountSettings) -> Self {
        Self { ports, settings }
    }

    /// Up to `limit` accounts in the order of their identities, those after `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        self.ports.store.accounts(after, limit).await
    }

    /// The account with this identity, else with this email address or user name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id_or_name: &str) -> Result<Option<Account>, StoreError> {
        // The identity first: nobody can take another account's place by calling himself by it.
        if let Ok(id) = AccountId::new(id_or_name)
            && let Some(account) = self.ports.store.account(&id).await?
        {
            return Ok(Some(account));
        }
        match LoginName::parse(id_or_name) {
            Ok(name) => self.ports.store.account_by_name(&name).await,
            Err(_) => Ok(None),
        }
    }

    /// The account's sessions, ended ones too, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions(&self, id: &AccountId) -> Result<Vec<Session>, StoreError> {
        self.ports.store.sessions(id).await
    }

    fn event(
        &self,
        kind: AuditKind,
        account: &AccountId,
        at: Timestamp,
        origin: Origin,
    ) -> AuditEvent {
        AuditEvent {
            at,
            kind,
            account: account.clone(),
            session: None,
            address: origin,
        }
    }
}

impl std::fmt::Debug for AccountService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountService")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
