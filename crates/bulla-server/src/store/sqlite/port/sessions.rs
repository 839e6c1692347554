//! Sessions.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::DisplayName,
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    session::{Session, Sighting, refresh_token::RefreshKeyVersion},
    store::{
        AllSessionsEnd, SessionAdvance, SessionEnd, SessionStart, SessionStore, SessionToRefresh,
        SessionsEnd, StoreError,
    },
    time::Timestamp,
};

use crate::store::sqlite::{
    SqliteStore, jobs,
    tables::{refresh_key, sessions},
};

#[async_trait]
impl SessionStore for SqliteStore {
    async fn create_session(&self, start: &SessionStart) -> Result<bool, StoreError> {
        let start = start.clone();
        self.writer
            .run(move |t| jobs::create_session(t, &start))
            .await
    }

    async fn session_to_refresh(
        &self,
        id: SessionId,
    ) -> Result<Option<SessionToRefresh>, StoreError> {
        self.readers.run(move |c| sessions::to_refresh(c, id)).await
    }

    async fn refresh_key_version(&self) -> Result<RefreshKeyVersion, StoreError> {
        self.readers.run(refresh_key::version).await
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

    async fn end_all_sessions(&self, end: &AllSessionsEnd) -> Result<u64, StoreError> {
        let end = end.clone();
        self.writer
            .run(move |t| jobs::end_all_sessions(t, &end))
            .await
    }

    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError> {
        let sightings = sightings.to_vec();
        self.writer
            .run(move |t| jobs::settle(t, &sightings, settle))
            .await
    }
}
