//! The audit log.

use async_trait::async_trait;
use bulla_core::{
    audit::{AuditEvent, AuditFilter, AuditRecord},
    store::{AuditStore, StoreError},
};

use crate::store::sqlite::{SqliteStore, tables::audit_events};

#[async_trait]
impl AuditStore for SqliteStore {
    async fn record(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let events = events.to_vec();
        self.writer
            .run(move |t| {
                events
                    .iter()
                    .try_for_each(|event| audit_events::append(t, event))
            })
            .await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let filter = filter.clone();
        self.readers
            .run(move |c| audit_events::page(c, &filter, limit))
            .await
    }
}
