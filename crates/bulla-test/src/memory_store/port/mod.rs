//! What the rules ask of the store, a trait per file.

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

use super::MemoryStore;

#[async_trait]
impl Store for MemoryStore {
    async fn purge(&self, retention: Retention, batch: u32) -> Result<u64, StoreError> {
        let mut tables = self.begin().await?;
        let gone = tables.purge(retention, count(batch));
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.begin().await.map(drop)
    }
}

fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
