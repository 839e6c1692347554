//! Sessions.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::{Account, DisplayName},
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    session::{Session, Sighting},
    store::{SessionAdvance, SessionEnd, SessionStart, SessionStore, SessionsEnd, StoreError},
    time::Timestamp,
};

use crate::store::postgres::{
    PostgresStore,
    jobs::{RenameSession, Settle},
    tables::sessions,
};

#[async_trait]
impl SessionStore for PostgresStore {
    async fn create_session(&self, start: &SessionStart) -> Result<bool, StoreError> {
        self.write(start.clone()).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError> {
        let connection = self.connect().await?;
        let both = sessions::with_account(&connection, id).await?;
        connection.seen(both).await
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

    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError> {
        let sightings = sightings.to_vec();
        self.write(Settle { sightings, settle }).await
    }
}
