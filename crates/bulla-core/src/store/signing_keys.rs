//! Signing keys, wrapped as they rest.

use async_trait::async_trait;

use super::StoreError;
use crate::key::StoredSigningKey;

/// Signing keys.
#[async_trait]
pub trait SigningKeyStore: Send + Sync {
    /// All signing keys.
    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError>;

    /// Adds the first signing keys. `false` if there are keys already; nothing is written then.
    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError>;
}
