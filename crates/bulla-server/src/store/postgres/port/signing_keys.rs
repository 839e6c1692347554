//! Signing keys.

use async_trait::async_trait;
use bulla_core::{
    key::SigningKeys,
    store::{SigningKeyChange, SigningKeyStore, StoreError},
};

use crate::store::postgres::{PostgresStore, tables::signing_keys};

#[async_trait]
impl SigningKeyStore for PostgresStore {
    async fn signing_keys(&self) -> Result<Option<SigningKeys>, StoreError> {
        let connection = self.connect().await?;
        let rows = connection.rows(signing_keys::ALL, &[]).await?;
        let keys = signing_keys::read_all(&rows)?;
        connection.seen(keys).await
    }

    async fn change_signing_keys(&self, change: &SigningKeyChange) -> Result<bool, StoreError> {
        self.write(change.clone()).await
    }
}
