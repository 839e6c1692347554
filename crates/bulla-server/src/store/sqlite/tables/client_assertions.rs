//! Table `client_assertions`.

use bulla_core::{store::AssertionUse, time::Timestamp};
use rusqlite::{Connection, params};

use crate::store::sqlite::fault::Fault;

/// Remembers it, unless it is remembered: whether it was not.
pub(in crate::store::sqlite) fn insert(
    connection: &Connection,
    used: &AssertionUse,
) -> Result<bool, Fault> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO client_assertions (client, id, until) VALUES (?1, ?2, ?3) \
         ON CONFLICT (client, id) DO UPDATE SET until = excluded.until WHERE until <= ?4",
    )?;
    let written = statement.execute(params![
        used.client.as_str(),
        used.id.as_bytes(),
        used.until.as_millis(),
        used.now.as_millis(),
    ])?;
    Ok(written == 1)
}

/// How many of the client are not over, no more being counted than there is room for.
pub(in crate::store::sqlite) fn count(
    connection: &Connection,
    used: &AssertionUse,
) -> Result<u32, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM (SELECT 1 FROM client_assertions WHERE client = ?1 AND until > ?2 LIMIT ?3)",
    )?;
    let found = params![used.client.as_str(), used.now.as_millis(), used.room];
    Ok(statement.query_row(found, |row| row.get(0))?)
}

pub(in crate::store::sqlite) fn delete(
    connection: &Connection,
    used: &AssertionUse,
) -> Result<(), Fault> {
    let mut statement =
        connection.prepare_cached("DELETE FROM client_assertions WHERE client = ?1 AND id = ?2")?;
    statement.execute(params![used.client.as_str(), used.id.as_bytes()])?;
    Ok(())
}

/// Removes up to `batch` that were over before then.
pub(in crate::store::sqlite) fn purge(
    connection: &Connection,
    before: Timestamp,
    batch: u32,
) -> Result<usize, Fault> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM client_assertions WHERE (client, id) IN \
             (SELECT client, id FROM client_assertions WHERE until < ?1 LIMIT ?2)",
    )?;
    Ok(statement.execute(params![before.as_millis(), batch])?)
}
