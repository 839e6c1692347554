//! The schema and the steps that lead to it, forward only.

use rusqlite::{Connection, TransactionBehavior};

use super::{fault::Fault, tables::accounts};

/// "Bula" in the file's header: what tells a Bulla database from any other.
pub(super) const APPLICATION_ID: i32 = 0x4275_6C61;

/// Step `n` leads from schema `n` to `n + 1`. A step that was released never changes.
const MIGRATIONS: [Step; 11] = [
    Step::sql(include_str!("migrations/0001_first.sql")),
    Step::sql(include_str!("migrations/0002_audit.sql")),
    Step {
        sql: include_str!("migrations/0003_likeness.sql"),
        fill: accounts::fill_likenesses,
    },
    Step::sql(include_str!("migrations/0004_links.sql")),
    Step::sql(include_str!("migrations/0005_revocations.sql")),
    Step::sql(include_str!("migrations/0006_audit_subjects.sql")),
    Step::sql(include_str!("migrations/0007_clients.sql")),
    Step::sql(include_str!("migrations/0008_key_life.sql")),
    Step::sql(include_str!("migrations/0009_imports.sql")),
    Step::sql(include_str!("migrations/0010_client_assertions.sql")),
    Step::sql(include_str!("migrations/0011_refresh_key.sql")),
];

/// A step from one schema to the next.
struct Step {
    sql: &'static str,
    /// Computes what SQL cannot.
    fill: fn(&Connection) -> rusqlite::Result<()>,
}

impl Step {
    const fn sql(sql: &'static str) -> Self {
        let fill = |_: &Connection| Ok(());
        Self { sql, fill }
    }
}

/// The schema this version reads and writes.
pub(crate) const LATEST: i64 = MIGRATIONS.len() as i64;

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
        transaction.execute_batch(step.sql)?;
        (step.fill)(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", LATEST)?;
    transaction.commit()?;
    // Whoever looks at the file without its write-ahead log shall see the new schema too.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use bulla_core::{
        ids::{SessionId, Subject},
        revocation::RevocationTarget,
        time::Timestamp,
    };

    use super::*;
    use crate::store::sqlite::tables::revocations;

    #[test]
    fn accounts_from_before_get_their_likeness() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATIONS[0].sql).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO accounts (id, email, email_folded, username, username_folded, password, roles, plan, \
                     claims, epoch, created_at) \
                 VALUES ('usr_1', 'Ada@example.com', 'ada@example.com', 'Al', 'al', 'x', '[]', 'free', '{}', 0, 0), \
                     ('usr_2', NULL, NULL, 'IAN', 'ian', 'x', '[]', 'free', '{}', 0, 0)",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let likeness = |id: &str| {
            let sql = "SELECT email_likeness, username_likeness FROM accounts WHERE id = ?1";
            let row = connection.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)));
            let (email, username): (Option<String>, Option<String>) = row.unwrap();
            (email.unwrap_or_default(), username.unwrap_or_default())
        };
        // `Al` is too short for a user name: what cannot be read has no likeness.
        assert_eq!(likeness("usr_1"), ("ada@example.com".into(), String::new()));
        assert_eq!(likeness("usr_2"), (String::new(), "lan".into()));
        assert_eq!(version(&connection).unwrap(), LATEST);
    }

    #[test]
    fn revocations_from_before_stay_and_no_number_comes_again() {
        let mut connection = Connection::open_in_memory().unwrap();
        for step in &MIGRATIONS[..4] {
            connection.execute_batch(step.sql).unwrap();
        }
        connection.pragma_update(None, "user_version", 4).unwrap();
        connection
            .execute_batch(
                "INSERT INTO revocations (session, subject, min_epoch, until) \
                     VALUES (zeroblob(16), NULL, NULL, 9), (NULL, 'usr_1', 3, 9), (NULL, 'usr_2', NULL, 9); \
                 DELETE FROM revocations WHERE sequence = 3",
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let live = revocations::live(&connection, 0, Timestamp::from_millis(0)).unwrap();
        let session = RevocationTarget::Session(SessionId::from_bytes([0; 16]));
        let subject = RevocationTarget::Subject {
            subject: Subject::new("usr_1").unwrap(),
            min_epoch: Some(3),
        };
        let targets: Vec<_> = live.into_iter().map(|record| record.target).collect();
        assert_eq!(targets, [session.clone(), subject]);
        let next = revocations::append(&connection, session, Timestamp::from_millis(9)).unwrap();
        assert_eq!(next.sequence, 4);
    }
}
