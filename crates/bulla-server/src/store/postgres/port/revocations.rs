//! What is revoked.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    audit::AuditEvent,
    ids::TokenId,
    revocation::{RevocationRecord, RevocationTerm},
    store::{RevocationStore, StoreError},
    time::Timestamp,
};

use crate::store::postgres::{PostgresStore, jobs::RevokeToken, tables::revocations};

#[async_trait]
impl RevocationStore for PostgresStore {
    async fn note_access_lifetime(&self, lifetime: Duration) -> Result<(), StoreError> {
        let connection = self.connect().await?;
        Ok(revocations::note_lifetime(&connection, lifetime).await?)
    }

    async fn revoke_token(
        &self,
        id: &TokenId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.write(RevokeToken { id, revoke, event }).await
    }

    async fn revocations(
        &self,
        after: u64,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        let connection = self.connect().await?;
        let records = revocations::live(&connection, after, now).await?;
        connection.seen(records).await
    }
}
