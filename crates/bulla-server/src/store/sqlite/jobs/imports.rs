//! Many accounts at once.

use bulla_core::{
    account::Account,
    store::{AccountImport, ImportEntry, ImportOutcome},
    time::Timestamp,
};
use rusqlite::Connection;

use super::super::{
    fault::Fault,
    tables::{
        accounts::{self, Taken},
        audit_events, revocations,
    },
    transaction::Transaction,
};

pub(in crate::store::sqlite) fn import(
    transaction: &mut Transaction<'_>,
    import: &AccountImport,
) -> Result<Vec<ImportOutcome>, Fault> {
    if import.rehearsal {
        // What is only tried is undone.
        run(transaction, "SAVEPOINT import")?;
    }
    let mut outcomes = Vec::with_capacity(import.accounts.len());
    for entry in &import.accounts {
        outcomes.push(import_one(transaction, entry, import.now)?);
    }
    if import.rehearsal {
        run(transaction, "ROLLBACK TO import")?;
        run(transaction, "RELEASE import")?;
    }
    Ok(outcomes)
}

fn import_one(
    transaction: &mut Transaction<'_>,
    entry: &ImportEntry,
    now: Timestamp,
) -> Result<ImportOutcome, Fault> {
    let account = &entry.account;
    let id = &account.id;
    if let Some(before) = accounts::by_id(transaction, id)? {
        if !account.shares_a_name(&before) {
            return Ok(ImportOutcome::IdentityTaken);
        }
        if !account.completes(&before) {
            return Ok(ImportOutcome::Present);
        }
        let after = Account {
            password: account.password.clone(),
            ..before
        };
        accounts::update(transaction, &after)?;
        audit_events::append(transaction, &entry.password_added)?;
        return Ok(ImportOutcome::PasswordAdded);
    }
    if let Some(until) = revocations::of_whole_subject(transaction, id, now)? {
        return Ok(ImportOutcome::Deleted { until });
    }
    Ok(match accounts::name_taken(transaction, account)? {
        Some(Taken::Identity) => ImportOutcome::IdentityTaken,
        Some(Taken::Email) => ImportOutcome::EmailTaken,
        Some(Taken::Username) => ImportOutcome::UsernameTaken,
        None => {
            accounts::insert(transaction, account)?;
            audit_events::append(transaction, &entry.created)?;
            ImportOutcome::Created
        }
    })
}

fn run(connection: &Connection, statement: &str) -> Result<(), Fault> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}
