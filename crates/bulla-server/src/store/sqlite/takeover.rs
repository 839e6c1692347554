//! What a restored database must know of the one that it takes the place of.

use std::path::Path;

use bulla_core::time::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::inspection::immutable;

/// More changes than the life of an account between a backup and its restoration has: what was signed in that time has an epoch
/// that is below all that come after.
const EPOCHS: i64 = 1 << 20;

/// Raises the epochs of all accounts and clients above those of tokens that may be out.
pub(super) fn raise_epochs(connection: &Connection) -> rusqlite::Result<()> {
    for table in ["accounts", "clients"] {
        connection.execute(&format!("UPDATE {table} SET epoch = epoch + ?1"), [EPOCHS])?;
    }
    Ok(())
}

/// Takes over from a database that is in one file, of the same issuer and this version, what was revoked in it and still counts,
/// and which assertions were used. Epochs are raised already: where all tokens of somebody are revoked who is there again, those
/// that come are not.
pub(super) fn take_over(draft: &Path, before: &Path, now: Timestamp) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let mut connection = Connection::open_with_flags(draft, flags)?;
    connection.execute("ATTACH ?1 AS before", [immutable(before)])?;
    let transaction = connection.transaction()?;
    transaction.execute(
        "INSERT INTO main.revocations (kind, key, min_epoch, until) \
         SELECT CASE WHEN revoked.kind = 'client' AND clients.id IS NOT NULL THEN 'sub' ELSE revoked.kind END, \
             revoked.key, \
             CASE WHEN revoked.kind IN ('sub', 'client') \
                 THEN coalesce(revoked.min_epoch, accounts.epoch, clients.epoch) END, \
             revoked.until \
         FROM before.revocations AS revoked \
             LEFT JOIN main.accounts ON accounts.id = CAST(revoked.key AS TEXT) AND revoked.kind = 'sub' \
             LEFT JOIN main.clients ON clients.id = CAST(revoked.key AS TEXT) AND revoked.kind IN ('sub', 'client') \
         WHERE revoked.until > ?1 ORDER BY revoked.sequence",
        [now.as_millis()],
    )?;
    transaction.execute_batch(
        "INSERT OR IGNORE INTO main.client_assertions (client, id, until) \
             SELECT client, id, until FROM before.client_assertions; \
         UPDATE main.access_lifetime SET longest = max(longest, (SELECT longest FROM before.access_lifetime));",
    )?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)
}
