//! What is revoked.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    audit::AuditEvent,
    ids::TokenId,
    revocation::{RevocationRecord, RevocationTarget, RevocationTerm},
    store::{RevocationStore, StoreError},
    time::Timestamp,
};

use crate::memory_store::MemoryStore;

#[async_trait]
impl RevocationStore for MemoryStore {
    async fn note_access_lifetime(&self, lifetime: Duration) -> Result<(), StoreError> {
        let mut tables = self.begin().await?;
        tables.longest_lifetime = tables.longest_lifetime.max(lifetime);
        Ok(())
    }

    async fn revoke_token(
        &self,
        id: &TokenId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let mut tables = self.begin().await?;
        tables.events.push(event.clone());
        let target = RevocationTarget::Token(id.clone());
        self.revoke(&mut tables, target, revoke, None);
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
}
