//! Many accounts at once.

use bulla_core::{
    store::{AccountCreation, AccountImport, ImportOutcome},
    time::Timestamp,
};
use rusqlite::Connection;

use super::{
    super::{
        fault::Fault,
        tables::{
            accounts::{self, Taken},
            revocations,
        },
        transaction::Transaction,
    },
    create_account,
};

pub(in crate::store::sqlite) fn import(
    transaction: &mut Transaction<'_>,
    import: &AccountImport,
) -> Result<Vec<ImportOutcome>, Fault> {
    // Within the job's own savepoint: what is only tried can be undone.
    run(transaction, "SAVEPOINT import")?;
    let mut outcomes = Vec::with_capacity(import.accounts.len());
    for creation in &import.accounts {
        outcomes.push(import_one(transaction, creation, import.now)?);
    }
    if import.rehearsal {
        run(transaction, "ROLLBACK TO import")?;
    }
    run(transaction, "RELEASE import")?;
    Ok(outcomes)
}

fn import_one(
    transaction: &mut Transaction<'_>,
    creation: &AccountCreation,
    now: Timestamp,
) -> Result<ImportOutcome, Fault> {
    let id = &creation.account.id;
    if accounts::exists(transaction, id)? {
        return Ok(ImportOutcome::Present);
    }
    if let Some(until) = revocations::of_whole_subject(transaction, id, now)? {
        return Ok(ImportOutcome::Deleted { until });
    }
    Ok(match create_account(transaction, creation)? {
        None => ImportOutcome::Created,
        Some(Taken::Identity) => ImportOutcome::Present,
        Some(Taken::Email) => ImportOutcome::EmailTaken,
        Some(Taken::Username) => ImportOutcome::UsernameTaken,
    })
}

fn run(connection: &Connection, statement: &str) -> Result<(), Fault> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}
