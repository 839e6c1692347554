//! Signing keys.

use async_trait::async_trait;
use bulla_core::{
    key::StoredSigningKey,
    store::{SigningKeyStore, StoreError},
};

use crate::memory_store::MemoryStore;

#[async_trait]
impl SigningKeyStore for MemoryStore {
    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        Ok(self.begin().await?.keys.clone())
    }

    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError> {
        let mut tables = self.begin().await?;
        if !tables.keys.is_empty() {
            return Ok(false);
        }
        tables.keys = keys.to_vec();
        Ok(true)
    }
}
