//! Many accounts at once.

use async_trait::async_trait;
use bulla_core::{
    store::{AccountCreation, AccountImport, ImportOutcome},
    time::Timestamp,
};

use super::accounts::create;
use crate::store::postgres::{
    fault::Fault,
    tables::{accounts::Taken, revocations},
    transaction::{Job, Transaction},
};

#[async_trait]
impl Job for AccountImport {
    type Output = Vec<ImportOutcome>;

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Vec<ImportOutcome>, Fault> {
        let mut outcomes = Vec::with_capacity(self.accounts.len());
        transaction.run("SAVEPOINT import").await?;
        for creation in &self.accounts {
            outcomes.push(import_one(transaction, creation, self.now).await?);
        }
        if self.rehearsal {
            transaction.run("ROLLBACK TO import").await?;
        }
        Ok(outcomes)
    }
}

async fn import_one(
    transaction: &mut Transaction,
    creation: &AccountCreation,
    now: Timestamp,
) -> Result<ImportOutcome, Fault> {
    let id = &creation.account.id;
    if let Some(until) = revocations::of_whole_subject(transaction, id, now).await? {
        return Ok(ImportOutcome::Deleted { until });
    }
    Ok(match create(transaction, creation).await? {
        None => ImportOutcome::Created,
        Some(Taken::Identity) => ImportOutcome::Present,
        Some(Taken::Email) => ImportOutcome::EmailTaken,
        Some(Taken::Username) => ImportOutcome::UsernameTaken,
    })
}
