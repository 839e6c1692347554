//! Signing keys.

use async_trait::async_trait;
use bulla_core::{
    key::StoredSigningKey,
    store::{SigningKeyStore, StoreError},
};

use crate::store::postgres::{PostgresStore, jobs::CreateFirstSigningKeys, tables::signing_keys};

#[async_trait]
impl SigningKeyStore for PostgresStore {
    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        let connection = self.connect().await?;
        let keys = signing_keys::all(&connection).await?;
        connection.seen(keys).await
    }

    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError> {
        self.write(CreateFirstSigningKeys(keys.to_vec())).await
    }
}
