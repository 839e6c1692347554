//! Table `access_lifetime`: one row.

use std::time::Duration;

use rusqlite::Connection;

use super::{Columns, stored_count};
use crate::store::sqlite::fault::Fault;

/// The longest that was ever noted.
pub(in crate::store::sqlite) fn longest(connection: &Connection) -> Result<Duration, Fault> {
    let mut statement = connection.prepare_cached("SELECT longest FROM access_lifetime")?;
    let longest = statement.query_row([], |row| Ok(Columns::of(row).count()))?;
    Ok(Duration::from_millis(longest?))
}

/// Raises the longest, if this is longer.
pub(in crate::store::sqlite) fn note(
    connection: &Connection,
    lifetime: Duration,
) -> Result<(), Fault> {
    let mut statement =
        connection.prepare_cached("UPDATE access_lifetime SET longest = max(longest, ?1)")?;
    let lifetime = u64::try_from(lifetime.as_millis()).map_err(|_| Fault::TooLarge)?;
    statement.execute([stored_count(lifetime)?])?;
    Ok(())
}
