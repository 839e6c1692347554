//! The audit log.

use async_trait::async_trait;
use bulla_core::{
    audit::{AuditEvent, AuditFilter, AuditRecord},
    store::{AuditStore, StoreError},
};

use super::count;
use crate::memory_store::MemoryStore;

#[async_trait]
impl AuditStore for MemoryStore {
    async fn record(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        self.begin().await?.events.extend_from_slice(events);
        Ok(())
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let tables = self.begin().await?;
        let numbered = (1..).zip(&tables.events);
        let mut records: Vec<AuditRecord> = numbered
            .map(|(number, event)| AuditRecord {
                number,
                event: event.clone(),
            })
            .filter(|record| filter.accepts(record))
            .collect();
        records.reverse();
        records.truncate(count(limit));
        Ok(records)
    }
}
