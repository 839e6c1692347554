//! How fast an engine copies what was imported into empty tables like the ones it is in, row by row in the same order: the
//! accounts, their indexes, and an event for each.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result};
use bulla_test::PostgresServer;
use rusqlite::Connection;

use super::accounts::ACCOUNTS;

/// Rows of a transaction.
const AT_ONCE: u32 = 10_000;

/// Accounts a second, with the settings that Bulla has.
pub(super) fn sqlite(imported: &Path) -> Result<f64> {
    let copy = imported.with_extension("copy");
    let connection = Connection::open(&copy)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let path = imported.to_str().context("the path is no text")?;
    connection.execute("ATTACH ?1 AS imported", [path])?;
    let mut schema = connection.prepare(
        "SELECT sql FROM imported.sqlite_schema WHERE sql IS NOT NULL AND tbl_name IN ('accounts', 'audit_events')",
    )?;
    let statements = schema.query_map([], |row| row.get::<_, String>(0))?;
    for statement in statements {
        // A trigger that asks another table is for what is deleted.
        let _ = connection.execute_batch(&statement?);
    }
    let started = Instant::now();
    for first in (0..ACCOUNTS).step_by(AT_ONCE as usize) {
        let copied = "BEGIN; \
             INSERT INTO main.accounts SELECT * FROM imported.accounts WHERE rowid > ?1 AND rowid <= ?2 ORDER BY rowid; \
             INSERT INTO main.audit_events SELECT * FROM imported.audit_events WHERE rowid > ?1 AND rowid <= ?2 ORDER BY rowid; \
             COMMIT";
        let copied = copied
            .replace("?1", &first.to_string())
            .replace("?2", &(first + AT_ONCE).to_string());
        connection.execute_batch(&copied)?;
    }
    Ok(f64::from(ACCOUNTS) / started.elapsed().as_secs_f64())
}

/// Accounts a second, in one transaction.
pub(super) fn postgres(server: &PostgresServer, database: &str) -> Result<f64> {
    server.query(
        database,
        "CREATE SCHEMA copy; \
         CREATE TABLE copy.accounts (LIKE bulla.accounts INCLUDING ALL); \
         CREATE TABLE copy.audit_events (LIKE bulla.audit_events INCLUDING ALL)",
    );
    let started = Instant::now();
    server.query(
        database,
        "BEGIN; \
         INSERT INTO copy.accounts SELECT * FROM bulla.accounts; \
         INSERT INTO copy.audit_events OVERRIDING SYSTEM VALUE SELECT * FROM bulla.audit_events; \
         COMMIT",
    );
    Ok(f64::from(ACCOUNTS) / started.elapsed().as_secs_f64())
}
