//! The store's methods, each a job for the writer or a query for the readers.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::{Account, DisplayName, LoginName},
    audit::{AuditEvent, AuditFilter, AuditRecord},
    ids::{AccountId, SessionId},
    key::StoredSigningKey,
    link::{Link, LinkId},
    revocation::{RevocationRecord, RevocationTerm},
    session::{Session, Sighting},
    store::{
        AccountDecision, AccountOutcome, CreateAccountError, LinkAct, LinkOutcome, Retention,
        SessionAdvance, SessionEnd, SessionStart, SessionsEnd, Store, StoreError, VisitorUpgrade,
    },
    time::Timestamp,
};

use super::{
    SqliteStore, jobs, schema,
    tables::{
        access_lifetime, accounts, accounts::Taken, audit_events, links, revocations, sessions,
        signing_keys,
    },
    transaction::Transaction,
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
        let work = move |t: &mut Transaction<'_>| {
            jobs::create_account(t, &account, session.as_ref(), &event)
        };
        created(self.writer.run(work).await?)
    }

    async fn upgrade_visitor(&self, upgrade: &VisitorUpgrade) -> Result<(), CreateAccountError> {
        let upgrade = upgrade.clone();
        let work = move |t: &mut Transaction<'_>| jobs::upgrade_visitor(t, &upgrade);
        created(self.writer.run(work).await?)
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
        id: &AccountId,
        decision: AccountDecision,
    ) -> Result<AccountOutcome, StoreError> {
        let id = id.clone();
        self.writer
            .run(move |t| jobs::change_account(t, &id, decision))
            .await
    }

    async fn delete_account(
        &self,
        id: &AccountId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.writer
            .run(move |t| jobs::delete_account(t, id, revoke, &event))
            .await
    }

    async fn create_session(&self, start: &SessionStart) -> Result<bool, StoreError> {
        let start = start.clone();
        self.writer
            .run(move |t| jobs::create_session(t, &start))
            .await
    }

    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        self.readers
            .run(move |c| sessions::with_account(c, id))
            .await
    }

    async fn sessions(&self, account: &AccountId, limit: u32) -> Result<Vec<Session>, StoreError> {
        let account = account.clone();
        self.readers
            .run(move |c| sessions::of_account(c, &account, limit))
            .await
    }

    async fn live_sessions(
        &self,
        account: &AccountId,
        now: Timestamp,
        idle: Duration,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let account = account.clone();
        self.readers
            .run(move |c| sessions::live(c, &account, now, idle, limit))
            .await
    }

    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError> {
        let advance = advance.clone();
        self.writer
            .run(move |t| jobs::advance_session(t, &advance))
            .await
    }

    async fn rename_session(
        &self,
        id: SessionId,
        name: Option<&DisplayName>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let (name, event) = (name.cloned(), event.clone());
        self.writer
            .run(move |t| jobs::rename_session(t, id, name.as_ref(), &event))
            .await
    }

    async fn end_session(&self, end: &SessionEnd) -> Result<bool, StoreError> {
        let end = end.clone();
        self.writer.run(move |t| jobs::end_session(t, &end)).await
    }

    async fn end_sessions(&self, end: &SessionsEnd) -> Result<u64, StoreError> {
        let end = end.clone();
        self.writer.run(move |t| jobs::end_sessions(t, &end)).await
    }

    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError> {
        let sightings = sightings.to_vec();
        self.writer
            .run(move |t| jobs::settle(t, &sightings, settle))
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
            .run(move |t| jobs::create_first_signing_keys(t, &keys))
            .await
    }

    async fn note_access_lifetime(&self, lifetime: Duration) -> Result<(), StoreError> {
        self.writer
            .run(move |t| access_lifetime::note(t, lifetime))
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

    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError> {
        let event = event.clone();
        self.writer
            .run(move |t| audit_events::append(t, &event))
            .await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let filter = filter.clone();
        self.readers
            .run(move |c| audit_events::page(c, &filter, limit))
            .await
    }

    async fn add_link(&self, link: &Link) -> Result<(), StoreError> {
        let link = link.clone();
        self.writer.run(move |t| links::insert(t, &link)).await
    }

    async fn link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        self.readers.run(move |c| links::by_id(c, id)).await
    }

    async fn links(&self, account: &AccountId, limit: u32) -> Result<Vec<Link>, StoreError> {
        let account = account.clone();
        self.readers
            .run(move |c| links::of_account(c, &account, limit))
            .await
    }

    async fn attempt_link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        self.writer.run(move |t| links::attempt(t, id)).await
    }

    async fn spend_link(&self, id: LinkId, act: LinkAct) -> Result<LinkOutcome, StoreError> {
        self.writer
            .run(move |t| jobs::links::spend(t, id, act))
            .await
    }

    async fn purge(&self, retention: Retention, batch: u32) -> Result<u64, StoreError> {
        self.writer
            .run(move |t| jobs::purge(t, retention, batch))
            .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let answers = |c: &rusqlite::Connection| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?);
        self.readers.run(answers).await?;
        // Only a write can tell whether one succeeds: on a full disk all reads do.
        self.writer.run(|t| schema::mark(t)).await
    }
}

fn created(taken: Option<Taken>) -> Result<(), CreateAccountError> {
    match taken {
        None => Ok(()),
        Some(Taken::Identity) => Err(CreateAccountError::IdentityTaken),
        Some(Taken::Email) => Err(CreateAccountError::EmailTaken),
        Some(Taken::Username) => Err(CreateAccountError::UsernameTaken),
    }
}
