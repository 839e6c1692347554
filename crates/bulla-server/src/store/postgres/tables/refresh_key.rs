//! Table `refresh_key`: one row.

use bulla_core::session::refresh_token::RefreshKeyVersion;

use super::Columns;
use crate::store::postgres::{connection::Connection, fault::Fault};

pub(in crate::store::postgres) async fn version(
    connection: &Connection,
) -> Result<RefreshKeyVersion, Fault> {
    let row = connection
        .row("SELECT version FROM refresh_key", &[])
        .await?;
    let missing = || Fault::Unreadable {
        column: "only row".to_owned(),
    };
    read(&mut Columns::of(&row.ok_or_else(missing)?))
}

/// Makes it the next one.
pub(in crate::store::postgres) async fn raise(connection: &Connection) -> Result<(), Fault> {
    let sql = "UPDATE refresh_key SET version = version + 1";
    connection.execute(sql, &[]).await?;
    Ok(())
}

pub(super) fn read(columns: &mut Columns<'_>) -> Result<RefreshKeyVersion, Fault> {
    let number = columns.count()?.try_into();
    Ok(RefreshKeyVersion::new(
        number.map_err(|_| columns.unreadable())?,
    ))
}
