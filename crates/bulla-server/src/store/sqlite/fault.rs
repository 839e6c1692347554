//! What goes wrong inside a job, and what the rules get to hear of it.

use bulla_core::store::StoreError;
use rusqlite::ErrorCode;

/// Why a job failed. Its savepoint is rolled back.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite said no.
    Sqlite(rusqlite::Error),
    /// A row holds what cannot be its column's value. Never names the value itself.
    Unreadable { column: String },
    /// A number is too large for a column.
    TooLarge,
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(error) if is_damage(&error) => Self::Damaged(error.to_string()),
            Fault::Sqlite(error) => Self::Unavailable(error.to_string()),
            Fault::Unreadable { column } => {
                Self::Damaged(format!("a row's {column} is unreadable"))
            }
            Fault::TooLarge => Self::Unavailable("a number is too large to be kept".into()),
        }
    }
}

/// Whether the file is at fault, not its surroundings: waiting will not help.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    match error {
        E::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
        ),
        E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::InvalidColumnType(..)
        | E::Utf8Error(..) => true,
        _ => false,
    }
}
