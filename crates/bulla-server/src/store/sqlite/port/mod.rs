//! The store's methods, each a job for the writer or a query for the readers; a trait per file.

mod accounts;
mod audit;
mod clients;
mod imports;
mod links;
mod revocations;
mod sessions;
mod signing_keys;

use async_trait::async_trait;
use bulla_core::store::{Retention, Store, StoreError};

use super::{SqliteStore, jobs, schema};

#[async_trait]
impl Store for SqliteStore {
    async fn purge(&self, retention: Retention, batch: u32) -> Result<u64, StoreError> {
        self.writer
            .run(move |t| jobs::purge(t, retention, batch))
            .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let answers = |c: &rusqlite::Connection| Ok(c.query_row("SELECT 1", [], |_| Ok(()))?);
        self.readers.run(answers).await?;
        // Only a write can tell whether one succeeds: on a full disk all reads do.
        self.writer.run(|t| schema::mark(t)).await
    }
}
