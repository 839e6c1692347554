//! Table `refresh_key`: one row.

use bulla_core::session::refresh_token::RefreshKeyVersion;
use rusqlite::Connection;

use super::Columns;
use crate::store::sqlite::fault::Fault;

pub(in crate::store::sqlite) fn version(
    connection: &Connection,
) -> Result<RefreshKeyVersion, Fault> {
    let mut statement = connection.prepare_cached("SELECT version FROM refresh_key")?;
    statement.query_row([], |row| Ok(read(&mut Columns::of(row))))?
}

/// Makes it the next one.
pub(in crate::store::sqlite) fn raise(connection: &Connection) -> Result<(), Fault> {
    connection.execute("UPDATE refresh_key SET version = version + 1", [])?;
    Ok(())
}

pub(super) fn read(columns: &mut Columns<'_>) -> Result<RefreshKeyVersion, Fault> {
    let number = columns.count()?.try_into();
    Ok(RefreshKeyVersion::new(
        number.map_err(|_| columns.unreadable())?,
    ))
}
