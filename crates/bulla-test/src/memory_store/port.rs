//! What the rules ask of the store.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::{Account, DisplayName, LoginName},
    audit::{AuditEvent, AuditFilter, AuditRecord},
    ids::{AccountId, SessionId},
    key::StoredSigningKey,
    link::{Link, LinkId},
    revocation::{RevocationRecord, RevocationTarget, RevocationTerm},
    session::{Session, Sighting},
    store::{
        AccountDecision, AccountOutcome, CreateAccountError, LinkAct, LinkOutcome, Retention,
        SessionAdvance, SessionEnd, SessionStart, SessionsEnd, Store, StoreError, VisitorUpgrade,
    },
    time::Timestamp,
};

use super::{MemoryStore, tables::is_called};

#[async_trait]
impl Store for MemoryStore {
    async fn create_account(
        &self,
        account: &Account,
        session: Option<&Session>,
        event: &AuditEvent,
    ) -> Result<(), CreateAccountError> {
        let mut tables = self.begin().await?;
        tables.create_account(account, session, event)
    }

    async fn upgrade_visitor(&self, upgrade: &VisitorUpgrade) -> Result<(), CreateAccountError> {
        let mut tables = self.begin().await?;
        self.upgrade(&mut tables, upgrade)
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
        id: &AccountId,
        decision: AccountDecision,
    ) -> Result<AccountOutcome, StoreError> {
        let mut tables = self.begin().await?;
        Ok(self.change(&mut tables, id, decision))
    }

    async fn delete_account(
        &self,
        id: &AccountId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let last_hand_out = tables.last_hand_out(id);
        if tables.accounts.remove(id).is_none() {
            return Ok(false);
        }
        tables.sessions.retain(|_, session| session.account != *id);
        tables.links.retain(|_, (link, _)| {
            let holder = link.purpose.holder();
            holder.is_none_or(|holder| holder.account != *id)
        });
        tables.events.push(event.clone());
        let target = RevocationTarget::Subject {
            account: id.clone(),
            min_epoch: None,
        };
        self.revoke(&mut tables, target, revoke, last_hand_out);
        Ok(true)
    }

    async fn create_session(&self, start: &SessionStart) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        Ok(self.start(&mut tables, start))
    }

    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables.sessions.get(&id).and_then(|session| {
            let account = tables.accounts.get(&session.account)?;
            Some((session.clone(), account.clone()))
        }))
    }

    async fn sessions(&self, account: &AccountId, limit: u32) -> Result<Vec<Session>, StoreError> {
        let tables = self.begin().await?;
        let mut sessions = tables.sessions_of(account);
        sessions.reverse();
        sessions.truncate(count(limit));
        Ok(sessions)
    }

    async fn live_sessions(
        &self,
        account: &AccountId,
        now: Timestamp,
        idle: Duration,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let mut sessions = self.sessions(account, u32::MAX).await?;
        sessions.retain(|session| session.is_live(now, idle));
        sessions.truncate(count(limit));
        Ok(sessions)
    }

    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let Some(session) = tables.sessions.get_mut(&advance.id) else {
            return Ok(false);
        };
        let unmoved = advance.next == advance.seen && advance.device == session.device;
        if session.ended.is_some() || session.generations != advance.seen || unmoved {
            return Ok(false);
        }
        session.generations = advance.next;
        session.last_used_at = advance.used_at;
        session.device = advance.device.clone();
        tables.events.extend(advance.events.iter().cloned());
        Ok(true)
    }

    async fn rename_session(
        &self,
        id: SessionId,
        name: Option<&DisplayName>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let session = tables.sessions.get_mut(&id);
        let Some(session) = session.filter(|session| session.ended.is_none()) else {
            return Ok(false);
        };
        session.name = name.cloned();
        tables.events.push(event.clone());
        Ok(true)
    }

    async fn end_session(&self, end: &SessionEnd) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        let live = tables
            .sessions
            .get(&end.id)
            .filter(|session| session.ended.is_none());
        let unmoved = |session: &Session| end.seen.is_none_or(|seen| seen == session.generations);
        if !live.is_some_and(unmoved) {
            return Ok(false);
        }
        tables.end(end.id, end.ended);
        tables.events.push(end.event.clone());
        let target = RevocationTarget::Session(end.id);
        let handed_out_at = tables.handed_out_at(end.id);
        self.revoke(&mut tables, target, end.revoke, handed_out_at);
        Ok(true)
    }

    async fn end_sessions(&self, end: &SessionsEnd) -> Result<u64, StoreError> {
        let mut tables = self.begin().await?;
        let mut count = 0;
        for id in tables.end_all(&end.account, end.keep, end.ended) {
            let session = Some(id);
            tables.events.push(AuditEvent {
                session,
                ..end.event.clone()
            });
            let target = RevocationTarget::Session(id);
            let handed_out_at = tables.handed_out_at(id);
            self.revoke(&mut tables, target, end.revoke, handed_out_at);
            count += 1;
        }
        Ok(count)
    }

    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError> {
        let mut tables = self.begin().await?;
        for sighting in sightings {
            if let Some(session) = tables.sessions.get_mut(&sighting.session)
                && session.ended.is_none()
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

    async fn note_access_lifetime(&self, lifetime: Duration) -> Result<(), StoreError> {
        let mut tables = self.begin().await?;
        tables.longest_lifetime = tables.longest_lifetime.max(lifetime);
        Ok(())
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

    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError> {
        self.begin().await?.events.push(event.clone());
        Ok(())
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let tables = self.begin().await?;
        let numbered = (1..).zip(&tables.events);
        let mut records: Vec<AuditRecord> = numbered
            .map(|(number, event)| AuditRecord {
                number,
                event: event.clone(),
            })
            .filter(|record| filter.accepts(record))
            .collect();
        records.reverse();
        records.truncate(count(limit));
        Ok(records)
    }

    async fn add_link(&self, link: &Link) -> Result<(), StoreError> {
        let mut tables = self.begin().await?;
        tables.links.insert(link.id, (link.clone(), Link::ATTEMPTS));
        Ok(())
    }

    async fn link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables.links.get(&id).map(|(link, _)| link.clone()))
    }

    async fn links(&self, account: &AccountId, limit: u32) -> Result<Vec<Link>, StoreError> {
        let mut links = self.begin().await?.links_of(account);
        links.truncate(count(limit));
        Ok(links)
    }

    async fn attempt_link(&self, id: LinkId) -> Result<Option<Link>, StoreError> {
        Ok(self.begin().await?.attempt_link(id))
    }

    async fn spend_link(&self, id: LinkId, act: LinkAct) -> Result<LinkOutcome, StoreError> {
        let mut tables = self.begin().await?;
        Ok(self.spend(&mut tables, id, act))
    }

    async fn purge(&self, retention: Retention, batch: u32) -> Result<u64, StoreError> {
        let mut tables = self.begin().await?;
        let gone = tables.purge(retention, count(batch));
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.begin().await.map(drop)
    }
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
