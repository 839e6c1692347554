//! Removing what no longer counts. What another transaction holds stays until the next time.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::store::Retention;

use crate::store::postgres::{
    fault::Fault,
    tables::{audit_events, client_assertions, links, revocations, sessions},
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct Purge {
    pub(in crate::store::postgres) retention: Retention,
    pub(in crate::store::postgres) batch: u32,
}

#[async_trait]
impl Job for Purge {
    type Output = u64;

    const PATIENCE: Option<Duration> = Some(Duration::from_secs(30));

    async fn run(&mut self, transaction: &mut Transaction) -> Result<u64, Fault> {
        let (retention, batch) = (self.retention, self.batch);
        let sessions = sessions::purge(transaction, retention.ended_before, batch).await?;
        let revocations = revocations::purge(transaction, retention.revoked_until, batch).await?;
        let links = links::purge(transaction, retention.expired_before, batch).await?;
        let assertions =
            client_assertions::purge(transaction, retention.expired_before, batch).await?;
        let events = match retention.recorded_before {
            Some(before) => audit_events::purge(transaction, before, batch).await?,
            None => 0,
        };
        Ok(sessions + revocations + links + assertions + events)
    }
}
