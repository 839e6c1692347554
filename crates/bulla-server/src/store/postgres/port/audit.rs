//! The audit log.

use async_trait::async_trait;
use bulla_core::{
    audit::{AuditEvent, AuditFilter, AuditRecord},
    store::{AuditStore, StoreError},
};

use crate::store::postgres::{PostgresStore, jobs::Record, tables::audit_events};

#[async_trait]
impl AuditStore for PostgresStore {
    async fn record(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        self.write(Record(events.to_vec())).await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let connection = self.connect().await?;
        let events = audit_events::page(&connection, filter, limit).await?;
        connection.seen(events).await
    }
}
