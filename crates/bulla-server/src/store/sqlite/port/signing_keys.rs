//! Signing keys.

use async_trait::async_trait;
use bulla_core::{
    key::StoredSigningKey,
    store::{SigningKeyStore, StoreError},
};

use crate::store::sqlite::{SqliteStore, jobs, tables::signing_keys};

#[async_trait]
impl SigningKeyStore for SqliteStore {
    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        self.readers.run(signing_keys::all).await
    }

    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError> {
        let keys = keys.to_vec();
        self.writer
            .run(move |t| jobs::create_first_signing_keys(t, &keys))
            .await
    }
}
