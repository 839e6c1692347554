//! Many accounts at once.

use async_trait::async_trait;
use bulla_core::store::{AccountImport, ImportOutcome, ImportStore, StoreError};

use crate::store::postgres::PostgresStore;

#[async_trait]
impl ImportStore for PostgresStore {
    async fn import_accounts(
        &self,
        import: &AccountImport,
    ) -> Result<Vec<ImportOutcome>, StoreError> {
        self.write(import.clone()).await
    }
}
