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

use crate::store::postgres::{
    PostgresStore,
    fault::Fault,
    jobs::{RenameSession, Settle},
    tables::{refresh_key, sessions},
};

#[async_trait]
impl SessionStore for PostgresStore {
    async fn create_session(&self, start: &SessionStart) -> Result<bool, StoreError> {
        self.write(start.clone()).await
    }

    async fn session_to_refresh(
        &self,
        id: SessionId,
    ) -> Result<Option<SessionToRefresh>, StoreError> {
        let connection = self.connect().await?;
        // One statement, since every refresh begins with it.
        match sessions::to_refresh(&connection, id).await? {
            Some((found, head)) => connection.seen_up_to(head, Some(found)).await,
            None => connection.seen(None).await,
        }
    }

    async fn refresh_key_version(&self) -> Result<RefreshKeyVersion, StoreError> {
        let connection = self.connect().await?;
        let version = refresh_key::version(&connection).await?;
        connection.seen(version).await
    }

    async fn sessions(&self, account: &AccountId, limit: u32) -> Result<Vec<Session>, StoreError> {
        let connection = self.connect().await?;
        let sessions = sessions::of_account(&connection, account, limit).await?;
        connection.seen(sessions).await
    }

    async fn live_sessions(
        &self,
        account: &AccountId,
        now: Timestamp,
        idle: Duration,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let connection = self.connect().await?;
        let sessions = sessions::live(&connection, account, now, idle, limit).await?;
        connection.seen(sessions).await
    }

    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError> {
        if advance.events.is_empty() {
            // One statement is a transaction. Whoever could be moved has not ended, so nothing was seen that is revoked.
            let connection = self.connect().await?;
            let advanced = sessions::advance(&connection, advance).await;
            if !advanced.as_ref().is_err_and(Fault::is_of_the_moment) {
                return Ok(advanced?);
            }
        }
        self.write(advance.clone()).await
    }

    async fn rename_session(
        &self,
        id: SessionId,
        name: Option<&DisplayName>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let (name, event) = (name.cloned(), event.clone());
        self.write(RenameSession { id, name, event }).await
    }

    async fn end_session(&self, end: &SessionEnd) -> Result<bool, StoreError> {
        self.write(end.clone()).await
    }

    async fn end_sessions(&self, end: &SessionsEnd) -> Result<u64, StoreError> {
        self.write(end.clone()).await
    }

    async fn end_all_sessions(&self, end: &AllSessionsEnd) -> Result<u64, StoreError> {
        self.write(end.clone()).await
    }

    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError> {
        let sightings = sightings.to_vec();
        self.write(Settle { sightings, settle }).await
    }
}
