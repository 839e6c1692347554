//! Signing keys.

use async_trait::async_trait;
use bulla_core::key::StoredSigningKey;

use crate::store::postgres::{
    fault::Fault,
    tables::signing_keys,
    transaction::{Job, Transaction},
};

pub(in crate::store::postgres) struct CreateFirstSigningKeys(
    pub(in crate::store::postgres) Vec<StoredSigningKey>,
);

#[async_trait]
impl Job for CreateFirstSigningKeys {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        signing_keys::lock(transaction).await?;
        if signing_keys::any(transaction).await? {
            return Ok(false);
        }
        for key in &self.0 {
            signing_keys::insert(transaction, key).await?;
        }
        Ok(true)
    }
}
