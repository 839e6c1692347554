//! The audit log.

use async_trait::async_trait;
use bulla_core::audit::AuditEvent;

use crate::store::postgres::{
    fault::Fault,
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct Record(pub(in crate::store::postgres) Vec<AuditEvent>);

#[async_trait]
impl Job for Record {
    type Output = ();

    async fn run(&mut self, transaction: &mut Transaction) -> Result<(), Fault> {
        self.0.iter().for_each(|event| transaction.record(event));
        Ok(())
    }
}
