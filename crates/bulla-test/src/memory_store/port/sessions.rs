//! Sessions.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::{Account, DisplayName},
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    revocation::RevocationTarget,
    session::{Session, Sighting},
    store::{SessionAdvance, SessionEnd, SessionStart, SessionStore, SessionsEnd, StoreError},
    time::Timestamp,
};

use super::count;
use crate::memory_store::MemoryStore;

#[async_trait]
impl SessionStore for MemoryStore {
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
        Ok(self.end(&mut tables, end))
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
}
