//! Sessions.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::DisplayName,
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    revocation::RevocationTarget,
    session::{Session, Sighting, refresh_token::RefreshKeyVersion},
    store::{
        AllSessionsEnd, SessionAdvance, SessionEnd, SessionStart, SessionStore, SessionToRefresh,
        SessionsEnd, StoreError,
    },
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

    async fn session_to_refresh(
        &self,
        id: SessionId,
    ) -> Result<Option<SessionToRefresh>, StoreError> {
        let tables = self.begin().await?;
        Ok(tables.sessions.get(&id).and_then(|session| {
            Some(SessionToRefresh {
                session: session.clone(),
                account: tables.accounts.get(&session.account)?.clone(),
                key_version: tables.refresh_key_version(),
            })
        }))
    }

    async fn refresh_key_version(&self) -> Result<RefreshKeyVersion, StoreError> {
        Ok(self.begin().await?.refresh_key_version())
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

    async fn end_all_sessions(&self, end: &AllSessionsEnd) -> Result<u64, StoreError> {
        let mut tables = self.begin().await?;
        let sessions = tables.sessions.values();
        let open: Vec<Session> = sessions.filter(|s| s.ended.is_none()).cloned().collect();
        for session in &open {
            tables.end(session.id, end.ended);
            let event = end.event_of(session.account.clone(), session.id);
            tables.events.push(event);
            let target = RevocationTarget::Session(session.id);
            let handed_out_at = Some(session.generations.handed_out_at);
            self.revoke(&mut tables, target, end.revoke, handed_out_at);
        }
        tables.refresh_key_raised += 1;
        tables.events.push(end.event());
        Ok(open.len() as u64)
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
