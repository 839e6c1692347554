//! What administrators do with accounts, their sessions, and clients. A file per use case.

use std::{cmp::Reverse, collections::BTreeSet};

use crate::{
    account::{Account, LoginName, NameBeginning},
    audit::{Actor, AuditEvent, AuditFilter, AuditKind, AuditRecord, AuditSubject, Origin},
    authentication::AuthenticationSettings,
    export::AccountExport,
    ids::AccountId,
    ports::Ports,
    session::Session,
    store::StoreError,
    time::Timestamp,
};

mod access;
mod clients;
mod create;
mod edit;
mod export_hashes;
mod import;
mod remove;

pub use clients::{
    AddClientError, ClientEdit, EditClientError, NewClient, RotateSecretError, SecretRotation,
};
pub use edit::{AccountEdit, EditError};
pub use import::{ImportedAccount, ImportedIdentity};
pub use remove::RemoveError;

/// Who administrates, and from where. That they may is for the caller to prove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// Whose token it is; `None`: whoever may open the data folder.
    pub account: Option<AccountId>,
    /// Where the request came from.
    pub address: Origin,
}

/// The use cases of administrators.
#[derive(Clone)]
pub struct AdministrationService {
    ports: Ports,
    settings: AuthenticationSettings,
}

impl AdministrationService {
    /// The use cases over these ports.
    #[must_use]
    pub const fn new(ports: Ports, settings: AuthenticationSettings) -> Self {
        Self { ports, settings }
    }

    /// Up to `limit` accounts in the order of their identities, those after `after`; with a beginning, those whose email
    /// address or user name begins so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        beginning: Option<&NameBeginning>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        self.ports.store.accounts(beginning, after, limit).await
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

    /// All that is held about an account; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export(
        &self,
        id: &AccountId,
        by: &Administrator,
    ) -> Result<Option<AccountExport>, StoreError> {
        let event = by.did(AuditKind::AccountExported, id, self.ports.clock.now());
        AccountExport::recorded(&*self.ports.store, id, event).await
    }

    /// The account's newest 100 sessions, ended ones too, and whatever else of them is live; the
    /// newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions(&self, id: &AccountId) -> Result<Vec<Session>, StoreError> {
        const NEWEST: u32 = 100;
        let settings = self.settings.session;
        let limit = settings.max_per_user.max(NEWEST);
        let now = self.ports.clock.now();
        let store = &self.ports.store;
        let mut sessions = store.sessions(id, NEWEST).await?;
        let live = store.live_sessions(id, now, settings.idle, limit).await?;
        // A long history must not hide a session that can still be used.
        let listed: BTreeSet<_> = sessions.iter().map(|session| session.id).collect();
        sessions.extend(
            live.into_iter()
                .filter(|session| !listed.contains(&session.id)),
        );
        sessions.sort_by_key(|session| Reverse((session.created_at, session.id)));
        Ok(sessions)
    }

    /// Up to `limit` events of the audit log, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        self.ports.store.audit_events(filter, limit).await
    }
}

impl Administrator {
    /// As the audit log names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let by_account = self.account.clone().map(Actor::Administrator);
        by_account.unwrap_or(Actor::CommandLine)
    }

    /// What they did, and to whom or what.
    pub fn did(
        &self,
        kind: AuditKind,
        subject: impl Into<AuditSubject>,
        at: Timestamp,
    ) -> AuditEvent {
        AuditEvent {
            at,
            kind,
            actor: self.actor(),
            subject: subject.into(),
            session: None,
            address: self.address,
            detail: None,
        }
    }
}

impl std::fmt::Debug for AdministrationService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdministrationService")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
