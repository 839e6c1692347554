use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bulla_core::{
    account::{Account, LoginName},
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    key::StoredSigningKey,
    revocation::{RevocationRecord, RevocationTarget},
    session::{EndReason, Ended, Session, Sighting},
    store::{
        AccountChange, ChangeAccountError, CreateAccountError, EndOutcome, SessionAdvance,
        SessionEnd, SessionStart, Store, StoreError,
    },
    time::Timestamp,
};

use self::tables::{Tables, Taken, is_called};
use crate::tasks::step_aside;

mod tables;

/// The store without a disk. Every transaction steps aside before it begins, so that futures that
/// run side by side meet in every order.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
}

/// All that a store holds, at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot(Tables);

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it holds now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.lock().clone())
    }

    /// Goes back to what it held then: a failover to a replica that lagged behind.
    pub fn restore(&self, snapshot: Snapshot) {
        *self.lock() = snapshot.0;
    }

    /// From now on every call fails, or none.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.lock().unavailable = unavailable;
    }

    /// All audit events, in order.
    #[must_use]
    pub fn events(&self) -> Vec<AuditEvent> {
        self.lock().events.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn begin(&self) -> Result<MutexGuard<'_, Tables>, StoreError> {
        step_aside().await;
        let tables = self.lock();
        if tables.unavailable {
            return Err(StoreError::Unavailable("told to be".to_owned()));
        }
        Ok(tables)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn create_account(
        &self,
        account: &Account,
        session: Option<&Session>,
        event: &AuditEvent,
    ) -> Result<(), CreateAccountError> {
        let mut tables = self.begin().await?;
        match tables.taken(account, None) {
            Some(Taken::Email) => return Err(CreateAccountError::EmailTaken),
            Some(Taken::Username) => return Err(CreateAccountError::UsernameTaken),
            None => {}
        }
        tables.accounts.insert(account.id.clone(), account.clone());
        if let Some(session) = session {
            tables.sessions.insert(session.id, session.clone());
        }
        tables.events.push(event.clone());
        Ok(())
    }

    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.begin().await?.accounts.get(id).cloned())
    }

    async fn account_by_name(&self, name: &LoginName) -> Result<Option<Account>, StoreError> {
        let tables = self.begin().await?;
        let mut accounts = tables.accounts.values();
        Ok(accounts.find(|account| is_called(account, name)).cloned())
    }

    async fn accounts(
        &self,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables
            .accounts
            .values()
            .filter(|account| after.is_none_or(|after| account.id > *after))
            .take(count(limit))
            .cloned()
            .collect())
    }

    async fn change_account(
        &self,
        change: &AccountChange,
        event: &AuditEvent,
    ) -> Result<Option<Vec<RevocationRecord>>, ChangeAccountError> {
        let mut tables = self.begin().await?;
        let account = &change.account;
        let stored = tables.accounts.get(&account.id);
        if stored.is_none_or(|stored| stored.revision != account.revision) {
            return Ok(None);
        }
        match tables.taken(account, Some(&account.id)) {
            Some(Taken::Email) => return Err(ChangeAccountError::EmailTaken),
            Some(Taken::Username) => return Err(ChangeAccountError::UsernameTaken),
            None => {}
        }
        let changed = Account {
            revision: account.revision + 1,
            ..account.clone()
        };
        tables.accounts.insert(account.id.clone(), changed);
        if let Some(ended) = change.end_sessions {
            tables.end_sessions(&account.id, change.keep_session, ended);
        }
        tables.events.push(event.clone());
        let records = change.revoke_until.map(|until| {
            let target = RevocationTarget::Subject {
                account: account.id.clone(),
                min_epoch: Some(account.epoch),
            };
            tables.revoke(target, until)
        });
        Ok(Some(records.into_iter().collect()))
    }

    async fn delete_account(
        &self,
        id: &AccountId,
        revoke_until: Timestamp,
        event: &AuditEvent,
    ) -> Result<Option<Vec<RevocationRecord>>, StoreError> {
        let mut tables = self.begin().await?;
        if tables.accounts.remove(id).is_none() {
            return Ok(None);
        }
        tables.sessions.retain(|_, session| session.account != *id);
        tables.events.push(event.clone());
        let target = RevocationTarget::Subject {
            account: id.clone(),
            min_epoch: None,
        };
        Ok(Some(vec![tables.revoke(target, revoke_until)]))
    }

    async fn create_session(
        &self,
        start: &SessionStart,
    ) -> Result<Option<Vec<RevocationRecord>>, StoreError> {
        let mut tables = self.begin().await?;
        let session = &start.session;
        let welcome = tables
            .accounts
            .get(&session.account)
            .is_some_and(|account| {
                account.epoch == start.account_epoch && account.disabled_at.is_none()
            });
        if !welcome {
            return Ok(None);
        }
        tables.sessions.insert(session.id, session.clone());
        tables.events.push(start.event.clone());
        let surplus = tables.surplus(session, count(start.cap));
        let ended = Ended {
            at: session.created_at,
            reason: EndReason::TooMany,
        };
        let records = surplus.into_iter().map(|id| {
            tables.end(id, ended);
            tables.revoke(RevocationTarget::Session(id), start.revoke_until)
        });
        Ok(Some(records.collect()))
    }

    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables.sessions.get(&id).and_then(|session| {
            let account = tables.accounts.get(&session.account)?;
            Some((session.clone(), account.clone()))
        }))
    }

    async fn sessions(&self, account: &AccountId) -> Result<Vec<Session>, StoreError> {
        let tables = self.begin().await?;
        let mut sessions = tables.sessions_of(account);
        sessions.reverse();
        Ok(sessions)
    }

    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let Some(session) = tables.sessions.get_mut(&advance.id) else {
            return Ok(false);
        };
        if session.ended.is_some() || session.generations != advance.seen {
            return Ok(false);
        }
        session.generations = advance.next;
        session.last_used_at = advance.used_at;
        session.device = advance.device.clone();
        tables.events.extend(advance.event.clone());
        Ok(true)
    }

    async fn end_session(&self, end: &SessionEnd) -> Result<EndOutcome, StoreError> {
        let mut tables = self.begin().await?;
        let live = tables
            .sessions
            .get(&end.id)
            .filter(|session| session.ended.is_none());
        let Some(session) = live else {
            return Ok(EndOutcome::NotLive);
        };
        if end.seen.is_some_and(|seen| seen != session.generations) {
            return Ok(EndOutcome::Moved);
        }
        tables.end(end.id, end.ended);
        tables.events.push(end.event.clone());
        let record = tables.revoke(RevocationTarget::Session(end.id), end.revoke_until);
        Ok(EndOutcome::Ended(record))
    }

    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError> {
        let mut tables = self.begin().await?;
        for sighting in sightings {
            if let Some(session) = tables.sessions.get_mut(&sighting.session)
                && let Some(next) = session.generations.sighted(sighting, settle)
            {
                session.generations = next;
            }
        }
        Ok(())
    }

    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        Ok(self.begin().await?.keys.clone())
    }

    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        if !tables.keys.is_empty() {
            return Ok(false);
        }
        tables.keys = keys.to_vec();
        Ok(true)
    }

    async fn revocations(
        &self,
        after: u64,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables
            .revocations
            .iter()
            .filter(|record| record.sequence > after && record.until > now)
            .cloned()
            .collect())
    }

    async fn audit_events(
        &self,
        account: &AccountId,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables
            .events
            .iter()
            .rev()
            .filter(|event| event.account == *account)
            .take(count(limit))
            .cloned()
            .collect())
    }

    async fn purge(
        &self,
        ended_before: Timestamp,
        now: Timestamp,
        batch: u32,
    ) -> Result<u64, StoreError> {
        let mut tables = self.begin().await?;
        let gone: Vec<SessionId> = tables
            .sessions
            .values()
            .filter(|session| {
                let ended = session.ended.map_or(session.absolute_end, |ended| ended.at);
                ended.min(session.absolute_end) < ended_before
            })
            .map(|session| session.id)
            .take(count(batch))
            .collect();
        for id in &gone {
            tables.sessions.remove(id);
        }
        let before = tables.revocations.len();
        tables.revocations.retain(|record| record.until > now);
        let forgotten = before - tables.revocations.len();
        Ok(u64::try_from(gone.len() + forgotten).unwrap_or(u64::MAX))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.begin().await.map(drop)
    }
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
