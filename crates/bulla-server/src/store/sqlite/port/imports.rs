use async_trait::async_trait;
use bulla_core::store::{AccountImport, ImportOutcome, ImportStore, StoreError};

use crate::store::sqlite::{SqliteStore, jobs};

#[async_trait]
impl ImportStore for SqliteStore {
    async fn import_accounts(
        &self,
        import: &AccountImport,
    ) -> Result<Vec<ImportOutcome>, StoreError> {
        let import = import.clone();
        self.writer
            .run(move |t| jobs::imports::import(t, &import))
            .await
    }
}
