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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::open;

    /// A database in one file, in which these rows are.
    fn database(path: &Path, rows: &str) {
        let (_lock, connection) = open::for_writing(path).unwrap();
        connection.execute_batch(rows).unwrap();
        connection.close().unwrap();
    }

    #[test]
    fn what_still_counts_is_taken_over_and_nobody_who_is_there_is_locked_out() {
        let root = tempfile::tempdir().unwrap();
        let [draft, before] = ["draft.db", "before.db"].map(|name| root.path().join(name));
        database(
            &draft,
            "INSERT INTO accounts (id, username, username_folded, password, roles, plan, claims, epoch, created_at) \
                 VALUES ('usr_there', 'ada', 'ada', 'x', '[]', 'free', '{}', 5, 0); \
             INSERT INTO clients (id, name, secret, scopes, audiences, epoch, created_at) \
                 VALUES ('cli_there', 'billing', zeroblob(32), '[]', '[]', 7, 0)",
        );
        database(
            &before,
            "INSERT INTO revocations (kind, key, min_epoch, until) VALUES \
                 ('jti', CAST('over' AS BLOB), NULL, 5), ('jti', CAST('token' AS BLOB), NULL, 6), \
                 ('sub', CAST('usr_there' AS BLOB), 3, 6), ('sub', CAST('usr_there' AS BLOB), NULL, 6), \
                 ('sub', CAST('usr_gone' AS BLOB), NULL, 6), ('client', CAST('cli_there' AS BLOB), NULL, 6), \
                 ('client', CAST('cli_gone' AS BLOB), NULL, 6), ('sid', zeroblob(16), NULL, 6); \
             INSERT INTO client_assertions (client, id, until) VALUES ('cli_there', zeroblob(32), 6); \
             UPDATE access_lifetime SET longest = 77",
        );
        let now = Timestamp::from_millis(5);
        raise_epochs(&Connection::open(&draft).unwrap()).unwrap();
        take_over(&draft, &before, now).unwrap();

        let connection = Connection::open(&draft).unwrap();
        let sql = "SELECT kind || ' ' || CASE kind WHEN 'sid' THEN '' ELSE CAST(key AS TEXT) END || ' ' || \
             coalesce(min_epoch, '-') FROM revocations ORDER BY sequence";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        let rows: Vec<String> = rows.map(Result::unwrap).collect();
        let (account, client) = (5 + EPOCHS, 7 + EPOCHS);
        let expected = [
            "jti token -".to_owned(),
            "sub usr_there 3".to_owned(),
            format!("sub usr_there {account}"),
            "sub usr_gone -".to_owned(),
            format!("sub cli_there {client}"),
            "client cli_gone -".to_owned(),
            "sid  -".to_owned(),
        ];
        assert_eq!(rows, expected);
        let counts = "SELECT (SELECT count(*) FROM client_assertions), (SELECT longest FROM access_lifetime)";
        let counts = connection.query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(counts.unwrap(), (1, 77));
    }
}
