//! The store's methods, each a job for the writer or a query for the readers.

use async_trait::async_trait;
use bulla_core::{
    account::{Account, LoginName},
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    key::StoredSigningKey,
    revocation::RevocationRecord,
    session::{Session, Sighting},
    store::{
        AccountChange, ChangeAccountError, CreateAccountError, EndOutcome, SessionAdvance,
        SessionEnd, SessionStart, Store, StoreError,
    },
    time::Timestamp,
};

use super::{
    SqliteStore,
    jobs::{self, Changed},
    tables::{accounts, accounts::Taken, audit_events, revocations, sessions, signing_keys},
};

#[async_trait]
impl Store for SqliteStore {
    async fn create_account(
        &self,
        account: &Account,
        session: Option<&Session>,
        event: &AuditEvent,
    ) -> Result<(), CreateAccountError> {
        let (account, session, event) = (account.clone(), session.cloned(), event.clone());
        let work = move |c: &_| jobs::create_account(c, &account, session.as_ref(), &event);
        match self.writer.run(work).await? {
            None => Ok(()),
            Some(Taken::Email) => Err(CreateAccountError::EmailTaken),
            Some(Taken::Username) => Err(CreateAccountError::UsernameTaken),
        }
    }

    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let id = id.clone();
        self.readers.run(move |c| accounts::by_id(c, &id)).await
    }

    async fn account_by_name(&self, name: &LoginName) -> Result<Option<Account>, StoreError> {
        let name = name.clone();
        self.readers.run(move |c| accounts::by_name(c, &name)).await
    }

    async fn accounts(
        &self,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let after = after.cloned();
        self.readers
            .run(move |c| accounts::page(c, after.as_ref(), limit))
            .await
    }

    async fn change_account(
        &self,
        change: &AccountChange,
        event: &AuditEvent,
    ) -> Result<Option<Vec<RevocationRecord>>, ChangeAccountError> {
        let (change, event) = (change.clone(), event.clone());
        match self
            .writer
            .run(move |c| jobs::change_account(c, &change, &event))
            .await?
        {
            Changed::Done(records) => Ok(Some(records)),
            Changed::Stale => Ok(None),
            Changed::Taken(Taken::Email) => Err(ChangeAccountError::EmailTaken),
            Changed::Taken(Taken::Username) => Err(ChangeAccountError::UsernameTaken),
        }
    }

    async fn delete_account(
        &self,
        id: &AccountId,
        revoke_until: Timestamp,
        event: &AuditEvent,
    ) -> Result<Option<Vec<RevocationRecord>>, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.writer
            .run(move |c| jobs::delete_account(c, id, revoke_until, &event))
            .await
    }

    async fn create_session(
        &self,
        start: &SessionStart,
    ) -> Result<Option<Vec<RevocationRecord>>, StoreError> {
        let start = start.clone();
        self.writer
            .run(move |c| jobs::create_session(c, &start))
            .await
    }

    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        self.readers
            .run(move |c| sessions::with_account(c, id))
            .await
    }

    async fn sessions(&self, account: &AccountId) -> Result<Vec<Session>, StoreError> {
        let account = account.clone();
        self.readers
            .run(move |c| sessions::of_account(c, &account))
            .await
    }

    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError> {
        let advance = advance.clone();
        self.writer
            .run(move |c| jobs::advance_session(c, &advance))
            .await
    }

    async fn end_session(&self, end: &SessionEnd) -> Result<EndOutcome, StoreError> {
        let end = end.clone();
        self.writer.run(move |c| jobs::end_session(c, &end)).await
    }

    async fn settle(
        &self,
        sightings: &[Sighting],
        settle: std::time::Duration,
    ) -> Result<(), StoreError> {
        let sightings = sightings.to_vec();
        self.writer
            .run(move |c| jobs::settle(c, &sightings, settle))
            .await
    }

    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        self.readers.run(signing_keys::all).await
    }

    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError> {
        let keys = keys.to_vec();
        self.writer
            .run(move |c| jobs::create_first_signing_keys(c, &keys))
            .await
    }

    async fn revocations(
        &self,
        after: u64,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        self.readers
            .run(move |c| revocations::live(c, after, now))
            .await
    }

    async fn audit_events(
        &self,
        account: &AccountId,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let account = account.clone();
        self.readers
            .run(move |c| audit_events::of_account(c, &account, limit))
            .await
    }

    async fn purge(
        &self,
        ended_before: Timestamp,
        now: Timestamp,
        batch: u32,
    ) -> Result<u64, StoreError> {
        self.writer
            .run(move |c| jobs::purge(c, ended_before, now, batch))
            .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let answers = |c: &rusqlite::Connection| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?);
        self.readers.run(answers).await?;
        self.writer.run(answers).await
    }
}
