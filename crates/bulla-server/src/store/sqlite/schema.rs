//! The schema and the steps that lead to it, forward only.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Fault;

/// "Bula" in the file's header: what tells a Bulla database from any other.
pub(super) const APPLICATION_ID: i32 = 0x4275_6C61;

/// Step `n` leads from schema `n` to `n + 1`. A step that was released never changes.
const MIGRATIONS: [&str; 2] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_audit.sql"),
];

/// The schema this version reads and writes.
pub(super) const LATEST: i64 = MIGRATIONS.len() as i64;

/// The schema of the file; 0 if it has none yet.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Writes the mark of a Bulla database over itself: a page of writing that changes nothing.
pub(super) fn mark(connection: &Connection) -> Result<(), Fault> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}

/// Takes all missing steps in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    if version(connection)? >= LATEST {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", LATEST)?;
    transaction.commit()?;
    // Whoever looks at the file without its write-ahead log shall see the new schema too.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
