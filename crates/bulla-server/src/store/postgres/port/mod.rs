//! The store's methods, each a job or a query; a trait per file.

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

use super::{PostgresStore, jobs::Purge, schema};

#[async_trait]
impl Store for PostgresStore {
    async fn purge(&self, retention: Retention, batch: u32) -> Result<u64, StoreError> {
        self.write(Purge { retention, batch }).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        let connection = self.connect().await?;
        // Only a write can tell whether one succeeds: on a full disk all reads do.
        schema::mark(&connection).await?;
        Ok(())
    }
}
