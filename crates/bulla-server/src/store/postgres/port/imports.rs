//! Many accounts at once.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::store::{AccountImport, ImportOutcome, ImportStore, StoreError};

use crate::store::postgres::PostgresStore;

/// Hundreds of accounts may take longer than anybody who waits for an answer would wait.
const IMPORT: Duration = Duration::from_secs(30);

#[async_trait]
impl ImportStore for PostgresStore {
    async fn import_accounts(
        &self,
        import: &AccountImport,
    ) -> Result<Vec<ImportOutcome>, StoreError> {
        self.write_within(import.clone(), IMPORT).await
    }
}
