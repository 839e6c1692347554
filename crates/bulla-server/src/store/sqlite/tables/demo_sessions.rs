//! Table `sessions` of the demo's own database.

use bulla_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Columns, stored_count};
use crate::store::sqlite::{DemoSession, DemoSessionKey, fault::Fault};

/// With one more, the account's oldest ends.
const OF_ONE: u32 = 20;

/// With one more, the oldest of all ends.
const OF_ALL: u32 = 10_000;

pub(in crate::store::sqlite) const SCHEMA: &str = "
    BEGIN;
    CREATE TABLE sessions (
        key BLOB PRIMARY KEY,
        account TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        ends_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_by_account ON sessions (account, ends_at);
    CREATE INDEX sessions_by_end ON sessions (ends_at);
    COMMIT;";

/// Adds a session; those that are over, or too many, go.
pub(in crate::store::sqlite) fn insert(
    connection: &Connection,
    key: DemoSessionKey,
    session: &DemoSession,
    now: Timestamp,
) -> Result<(), Fault> {
    let transaction = connection.unchecked_transaction()?;
    transaction
        .prepare_cached("DELETE FROM sessions WHERE ends_at <= ?1")?
        .execute([now.as_millis()])?;
    transaction
        .prepare_cached(
            "INSERT INTO sessions (key, account, epoch, ends_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            key.0,
            session.account.as_str(),
            stored_count(session.epoch)?,
            session.ends_at.as_millis(),
        ])?;
    transaction
        .prepare_cached(
            "DELETE FROM sessions WHERE key IN \
             (SELECT key FROM sessions WHERE account = ?1 ORDER BY ends_at DESC LIMIT -1 OFFSET ?2)",
        )?
        .execute(params![session.account.as_str(), OF_ONE])?;
    transaction
        .prepare_cached(
            "DELETE FROM sessions WHERE key IN \
             (SELECT key FROM sessions ORDER BY ends_at DESC LIMIT -1 OFFSET ?1)",
        )?
        .execute([OF_ALL])?;
    Ok(transaction.commit()?)
}

pub(in crate::store::sqlite) fn by_key(
    connection: &Connection,
    key: DemoSessionKey,
) -> Result<Option<DemoSession>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT account, epoch, ends_at FROM sessions WHERE key = ?1")?;
    let row = statement.query_row([key.0], |row| Ok(read(&mut Columns::of(row))));
    row.optional()?.transpose()
}

pub(in crate::store::sqlite) fn delete(
    connection: &Connection,
    key: DemoSessionKey,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached("DELETE FROM sessions WHERE key = ?1")?;
    statement.execute([key.0])?;
    Ok(())
}

fn read(columns: &mut Columns<'_>) -> Result<DemoSession, Fault> {
    Ok(DemoSession {
        account: columns.account_id()?,
        epoch: columns.count()?,
        ends_at: columns.time()?,
    })
}

#[cfg(test)]
mod tests {
    use bulla_core::ids::AccountId;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    fn table() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection
    }

    fn key(number: u32) -> DemoSessionKey {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        DemoSessionKey(bytes)
    }

    /// Signs somebody in whose session is the `number`th to end.
    fn add(table: &Connection, number: u32, account: &str) {
        let session = DemoSession {
            account: AccountId::new(account).unwrap(),
            epoch: 1,
            ends_at: Timestamp::from_millis(NOW.as_millis() + 1 + i64::from(number)),
        };
        insert(table, key(number), &session, NOW).unwrap();
    }

    fn is_there(table: &Connection, number: u32) -> bool {
        by_key(table, key(number)).unwrap().is_some()
    }

    #[test]
    fn what_is_added_is_found_until_it_is_deleted() {
        let table = table();
        add(&table, 1, "usr_a");
        let found = by_key(&table, key(1)).unwrap().unwrap();
        assert_eq!((found.account.as_str(), found.epoch), ("usr_a", 1));
        assert!(!is_there(&table, 2));
        delete(&table, key(2)).unwrap();
        assert!(is_there(&table, 1));
        delete(&table, key(1)).unwrap();
        assert!(!is_there(&table, 1));
    }

    #[test]
    fn one_too_many_ends_the_accounts_oldest_and_nobody_elses() {
        let table = table();
        add(&table, 0, "usr_b");
        for number in 1..=OF_ONE {
            add(&table, number, "usr_a");
        }
        assert!(is_there(&table, 1));
        add(&table, OF_ONE + 1, "usr_a");
        assert!(!is_there(&table, 1));
        assert!(is_there(&table, 2) && is_there(&table, OF_ONE + 1) && is_there(&table, 0));
    }

    #[test]
    fn all_together_are_only_so_many() {
        let table = table();
        let transaction = table.unchecked_transaction().unwrap();
        for number in 0..OF_ALL {
            let row = params![
                key(number).0,
                format!("usr_{number}"),
                1,
                NOW.as_millis() + 1
            ];
            transaction
                .prepare_cached("INSERT INTO sessions VALUES (?1, ?2, ?3, ?4)")
                .unwrap()
                .execute(row)
                .unwrap();
        }
        transaction.commit().unwrap();
        add(&table, OF_ALL, "usr_new");
        assert!(is_there(&table, OF_ALL));
        let count: u32 = table
            .query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, OF_ALL);
    }

    #[test]
    fn those_that_are_over_go() {
        let table = table();
        add(&table, 0, "usr_a");
        let session = DemoSession {
            account: AccountId::new("usr_b").unwrap(),
            epoch: 1,
            ends_at: Timestamp::from_millis(NOW.as_millis() + 9),
        };
        let later = Timestamp::from_millis(NOW.as_millis() + 1);
        insert(&table, key(1), &session, later).unwrap();
        assert!(!is_there(&table, 0) && is_there(&table, 1));
    }
}
