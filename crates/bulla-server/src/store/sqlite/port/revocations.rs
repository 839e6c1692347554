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

use crate::store::sqlite::{
    SqliteStore, jobs,
    tables::{access_lifetime, revocations},
};

#[async_trait]
impl RevocationStore for SqliteStore {
    async fn note_access_lifetime(&self, lifetime: Duration) -> Result<(), StoreError> {
        self.writer
            .run(move |t| access_lifetime::note(t, lifetime))
            .await
    }

    async fn revoke_token(
        &self,
        id: &TokenId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let (id, event) = (id.clone(), event.clone());
        self.writer
            .run(move |t| jobs::revoke_token(t, &id, revoke, &event))
            .await
    }

    async fn revocations(
        &self,
        after: u64,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError> {
        self.readers
            .run(move |c| revocations::live(c, after, now))
            .await
    }
}
