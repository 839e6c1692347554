//! What goes wrong inside a job, and what the rules get to hear of it.

use bulla_core::store::StoreError;
use tokio_postgres::error::SqlState;

/// Why a job failed. Its transaction is rolled back.
#[derive(Debug)]
pub(super) enum Fault {
    /// PostgreSQL said no, or the connection broke.
    Postgres(tokio_postgres::Error),
    /// There is no connection to be had.
    Unreachable(String),
    /// It did not answer in time.
    Late,
    /// Somebody was faster; what was read no longer counts.
    Overtaken,
    /// A row holds what cannot be its column's value. Never names the value itself.
    Unreadable { column: String },
    /// A number is too large for a column.
    TooLarge,
}

impl Fault {
    /// Whether the same transaction can succeed when it is done again: nothing was wrong with it but the moment.
    pub(super) fn is_of_the_moment(&self) -> bool {
        match self {
            Self::Overtaken => true,
            // It is seen the next time.
            Self::Postgres(_) if self.is_taken() => true,
            Self::Postgres(error) => error.code().is_some_and(|code| {
                [
                    &SqlState::T_R_DEADLOCK_DETECTED,
                    &SqlState::T_R_SERIALIZATION_FAILURE,
                    &SqlState::LOCK_NOT_AVAILABLE,
                ]
                .contains(&code)
            }),
            _ => false,
        }
    }
}

impl Fault {
    /// Whether others held a lock for as long as one is waited for.
    pub(super) fn is_locked_out(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
    }

    /// Whether another row has a value that may be there once.
    pub(super) fn is_taken(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION))
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Postgres(error) if is_damage(&error) => Self::Damaged(reason(&error)),
            Fault::Postgres(error) => Self::Unavailable(reason(&error)),
            Fault::Unreachable(reason) => Self::Unavailable(reason),
            Fault::Late => Self::Unavailable("PostgreSQL did not answer in time".into()),
            Fault::Overtaken => Self::Unavailable("others were faster every time".into()),
            Fault::Unreadable { column } => {
                Self::Damaged(format!("a row's {column} is unreadable"))
            }
            Fault::TooLarge => Self::Unavailable("a number is too large to be kept".into()),
        }
    }
}

/// Why, without what PostgreSQL tells as the detail: it quotes values.
pub(super) fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(refusal) => format!("{} ({})", refusal.message(), refusal.code().code()),
        None => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(error);
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            text
        }
    }
}

/// Whether the database is at fault, not its surroundings: waiting will not help.
fn is_damage(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [
            &SqlState::DATA_CORRUPTED,
            &SqlState::INDEX_CORRUPTED,
            &SqlState::UNDEFINED_TABLE,
            &SqlState::UNDEFINED_COLUMN,
            &SqlState::UNDEFINED_FUNCTION,
        ]
        .contains(&code)
    })
}
