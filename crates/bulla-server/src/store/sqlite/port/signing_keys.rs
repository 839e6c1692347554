//! Signing keys.

use async_trait::async_trait;
use bulla_core::{
    key::SigningKeys,
    store::{SigningKeyChange, SigningKeyStore, StoreError},
};

use crate::store::sqlite::{SqliteStore, jobs, tables::signing_keys};

#[async_trait]
impl SigningKeyStore for SqliteStore {
    async fn signing_keys(&self) -> Result<Option<SigningKeys>, StoreError> {
        self.readers.run(signing_keys::all).await
    }

    async fn change_signing_keys(&self, change: &SigningKeyChange) -> Result<bool, StoreError> {
        let change = change.clone();
        self.writer
            .run(move |t| jobs::change_signing_keys(t, &change))
            .await
    }
}
