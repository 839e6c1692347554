//! A copy of a database at one moment, while others write to it.

use std::path::Path;

use super::{
    inspection::{self, unreadable},
    open::{self, OpenError},
};

/// Writes all that the database holds now into `into`, which is empty; gives the number of its schema. What was deleted from it
/// is not in the copy: it is made of the rows, not of the pages. No store of this process has the database open.
///
/// # Errors
/// [`OpenError`].
pub(crate) fn snapshot(database: &Path, into: &Path) -> Result<i64, OpenError> {
    inspection::inspect_header(database)?;
    let connection = open::for_reading(database)?;
    let schema = inspection::recognize(database, &connection)?;
    let name = into
        .to_str()
        .ok_or_else(|| open::inaccessible(into, "its name is no text"))?;
    connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(|error| unreadable(database, &error))?;
    Ok(schema)
}
