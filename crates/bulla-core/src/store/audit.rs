//! The audit log.

use async_trait::async_trait;

use super::StoreError;
use crate::audit::{AuditEvent, AuditFilter, AuditRecord};

/// The audit log.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Records what changed nothing else, in one transaction.
    async fn record(&self, events: &[AuditEvent]) -> Result<(), StoreError>;

    /// Up to `limit` audit events, the newest first.
    async fn audit_events(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError>;
}
