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
        // Page by page, each as fast as any other answer: there may be a million.
        let mut records = Vec::new();
        loop {
            let last = records
                .last()
                .map_or(after, |last: &RevocationRecord| last.sequence);
            let connection = self.connect().await?;
            let mut page = revocations::live(&connection, last, now).await?;
            let is_last = page.len() < revocations::PAGE;
            records.append(&mut page);
            if is_last {
                return connection.seen(records).await;
            }
        }
    }
}
