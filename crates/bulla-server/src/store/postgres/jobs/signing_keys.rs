//! Signing keys.

use async_trait::async_trait;
use bulla_core::{revocation::RevocationTarget, store::SigningKeyChange};

use crate::store::postgres::{
    fault::Fault,
    tables::signing_keys,
    transaction::{Job, Transaction},
};

#[async_trait]
impl Job for SigningKeyChange {
    type Output = bool;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<bool, Fault> {
        if !signing_keys::advance(transaction, self.seen, self.wanted).await? {
            return Ok(false);
        }
        for key in &self.put {
            signing_keys::put(transaction, key).await?;
        }
        if let Some((key, term)) = &self.revoke {
            transaction.revoke(RevocationTarget::Key(key.clone()), *term, None);
        }
        for event in &self.events {
            transaction.record(event);
        }
        Ok(true)
    }
}
