//! The audit log.

use async_trait::async_trait;
use bulla_core::audit::AuditEvent;

use crate::store::postgres::{
    fault::Fault,
    tables::audit_events,
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct Record(pub(in crate::store::postgres) AuditEvent);

#[async_trait]
impl Job for Record {
    type Output = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), Fault> {
        audit_events::append(transaction, &self.0).await
    }
}
