//! Many accounts at once.

use std::time::Duration;

use async_trait::async_trait;
use bulla_core::{
    account::Account,
    audit::AuditEvent,
    store::{AccountImport, ImportEntry, ImportOutcome},
    time::Timestamp,
};

use super::accounts::create;
use crate::store::postgres::{
    fault::Fault,
    tables::{
        accounts::{self, Taken},
        revocations,
    },
    transaction::{Job, Transaction},
};

#[async_trait]
impl Job for AccountImport {
    type Output = Vec<ImportOutcome>;

    const PATIENCE: Option<Duration> = Some(Duration::from_secs(30));

    async fn run(&mut self, transaction: &mut Transaction) -> Result<Vec<ImportOutcome>, Fault> {
        let mut outcomes = Vec::with_capacity(self.accounts.len());
        let before = transaction.savepoint().await?;
        for entry in &self.accounts {
            outcomes.push(import_one(transaction, entry, self.now).await?);
        }
        if self.rehearsal {
            transaction.undo(before).await?;
        }
        Ok(outcomes)
    }
}

async fn import_one(
    transaction: &mut Transaction,
    entry: &ImportEntry,
    now: Timestamp,
) -> Result<ImportOutcome, Fault> {
    let account = &entry.creation.account;
    let id = &account.id;
    // Whoever is about to delete it is waited for, and has left its revocation then.
    if let Some(before) = accounts::locked(transaction, id).await? {
        return complete(transaction, before, account, &entry.password_added).await;
    }
    if let Some(until) = revocations::of_whole_subject(transaction, id, now).await? {
        return Ok(ImportOutcome::Deleted { until });
    }
    Ok(match create(transaction, &entry.creation).await? {
        None => ImportOutcome::Created,
        // Since it was looked for, others have made one, or even removed it again.
        Some(Taken::Identity) => return Err(Fault::Overtaken),
        Some(Taken::Email) => ImportOutcome::EmailTaken,
        Some(Taken::Username) => ImportOutcome::UsernameTaken,
    })
}

/// Gives an account that is there without a password the one of the import.
async fn complete(
    transaction: &mut Transaction,
    before: Account,
    account: &Account,
    event: &AuditEvent,
) -> Result<ImportOutcome, Fault> {
    if !account.completes(&before) {
        return Ok(ImportOutcome::Present);
    }
    let after = Account {
        password: account.password.clone(),
        ..before
    };
    accounts::update(transaction, &after).await?;
    transaction.record(event);
    Ok(ImportOutcome::PasswordAdded)
}
