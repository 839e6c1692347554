//! The schema `bulla` of the database and the steps that lead to it, forward only.

use tokio_postgres::{Client, Error, GenericClient};

use super::{connection::Connection, fault::Fault};

/// All tables are in it, so that nothing of anybody else's in the same database is in their way.
pub(super) const SCHEMA: &str = "bulla";

/// Step `n` leads from schema `n` to `n + 1`. A step that was released never changes.
const MIGRATIONS: [&str; 2] = [
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_refresh_key.sql"),
];

/// The schema this version reads and writes.
pub(super) const LATEST: i32 = MIGRATIONS.len() as i32;

/// "Bulla" as a number: of several issuers that start at once, one migrates.
const LOCK: i64 = 0x42_756C_6C61;

/// What there is in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing of this name.
    Nothing,
    /// A schema of this name, and it is not ours.
    Foreign,
    /// Our schema of this number.
    Version(i32),
}

pub(super) async fn find(client: &impl GenericClient) -> Result<Found, Error> {
    // From the tables themselves: what PostgreSQL remembers of names may be older than the lock that was waited for.
    let row = client
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1::text), \
                 EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
                     WHERE nspname = $1::text AND relname = 'schema_version')",
            &[&SCHEMA],
        )
        .await?;
    match (row.try_get(0)?, row.try_get(1)?) {
        (false, _) => Ok(Found::Nothing),
        (true, false) => Ok(Found::Foreign),
        (true, true) => {
            let sql = format!("SELECT version FROM {SCHEMA}.schema_version");
            let row = client.query_opt(&sql, &[]).await?;
            let version = row.map(|row| row.try_get(0)).transpose()?;
            Ok(version.map_or(Found::Foreign, Found::Version))
        }
    }
}

/// Takes all missing steps in one transaction, unless there is something that is not ours or newer. Gives what there was.
pub(super) async fn migrate(client: &mut Client) -> Result<Found, Error> {
    let transaction = client.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    let found = find(&transaction).await?;
    let done = match found {
        Found::Nothing => {
            transaction
                .batch_execute(&format!(
                    "CREATE SCHEMA {SCHEMA}; \
                     CREATE TABLE {SCHEMA}.schema_version ( \
                         only_row integer NOT NULL PRIMARY KEY CHECK (only_row = 1), version integer NOT NULL); \
                     INSERT INTO {SCHEMA}.schema_version (only_row, version) VALUES (1, 0)"
                ))
                .await?;
            0
        }
        Found::Version(version) if version < LATEST => version,
        Found::Version(_) | Found::Foreign => return Ok(found),
    };
    for step in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or(0)) {
        transaction.batch_execute(step).await?;
    }
    transaction
        .execute("UPDATE schema_version SET version = $1", &[&LATEST])
        .await?;
    transaction.commit().await?;
    Ok(found)
}

/// Writes the version over itself: a row of writing that changes nothing.
pub(super) async fn mark(connection: &Connection) -> Result<(), Fault> {
    let sql = "UPDATE schema_version SET version = version";
    connection.execute(sql, &[]).await?;
    Ok(())
}
