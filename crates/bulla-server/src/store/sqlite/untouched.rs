//! A look at a database that changes nothing: no lock is taken, no schema brought up to date.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bulla_core::{
    audit::AuditFilter, ids::SessionId, key::SigningKeys,
    session::refresh_token::RefreshKeyVersion, store::StoreError, time::Timestamp,
};
use rusqlite::{Connection, ErrorCode};

use super::{
    inspection::{self, damaged, unreadable},
    open::{self, OpenError, beside},
    schema,
    tables::{audit_events, refresh_key, sessions, signing_keys},
};

/// Pages and instructions between two looks at the time.
const STEPS: i32 = 100;

/// A database that is only looked at.
#[derive(Debug)]
pub struct UntouchedDatabase {
    path: PathBuf,
    connection: Connection,
    is_older: bool,
}

impl UntouchedDatabase {
    /// One that no store of this process has open; `None`: there is none.
    ///
    /// # Errors
    /// [`OpenError`]: it cannot be used.
    pub fn at_rest(path: &Path) -> Result<Option<Self>, OpenError> {
        match fs::metadata(path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(open::inaccessible(path, error.to_string())),
        }
        inspection::inspect_header(path)?;
        let opened = inspection::open_untouching(path);
        let connection = opened.map_err(|error| unreadable(path, &error))?;
        Self::of(path, connection).map(Some)
    }

    /// The one that a store of this process has open. Only SQLite itself may open its file: whoever closes a file takes away
    /// all locks that his process has on it.
    ///
    /// # Errors
    /// [`OpenError`]: it cannot be used.
    pub fn in_use(path: &Path) -> Result<Self, OpenError> {
        Self::of(path, open::for_reading(path)?)
    }

    fn of(path: &Path, connection: Connection) -> Result<Self, OpenError> {
        Ok(Self {
            is_older: inspection::recognize(path, &connection)? < schema::LATEST,
            path: path.to_owned(),
            connection,
        })
    }

    /// Whether it has an older schema, which the next start brings up to date. Until then, only [`check`](Self::check) reads it.
    #[must_use]
    pub const fn is_older(&self) -> bool {
        self.is_older
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// Bytes of the write-ahead log.
    #[must_use]
    pub fn log_size(&self) -> u64 {
        fs::metadata(beside(&self.path, "-wal")).map_or(0, |log| log.len())
    }

    /// Reads every page, as far as there is time; false: there was too little.
    ///
    /// # Errors
    /// [`OpenError::Damaged`], and what keeps it from being read.
    pub fn check(&mut self, patience: Duration) -> Result<bool, OpenError> {
        let begun = Instant::now();
        let too_long = move || begun.elapsed() >= patience;
        let fail = |error: rusqlite::Error| unreadable(&self.path, &error);
        let watching = self.connection.progress_handler(STEPS, Some(too_long));
        watching.map_err(fail)?;
        let checked = inspection::quick_check(&self.connection);
        match checked {
            Ok(Ok(())) => Ok(true),
            Ok(Err(reason)) => Err(damaged(&self.path, reason)),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Ok(false)
            }
            Err(error) => Err(unreadable(&self.path, &error)),
        }
    }

    /// The signing keys, wrapped.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn signing_keys(&self) -> Result<Option<SigningKeys>, StoreError> {
        Ok(signing_keys::all(&self.connection)?)
    }

    /// The sessions that have not ended.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn open_sessions(&self) -> Result<BTreeSet<SessionId>, StoreError> {
        let open = sessions::all_not_ended(&self.connection)?;
        Ok(open.into_iter().map(|(id, ..)| id).collect())
    }

    /// The sessions that have ended.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn ended_sessions(&self) -> Result<BTreeSet<SessionId>, StoreError> {
        let ended = sessions::all_ended(&self.connection)?;
        Ok(ended.into_iter().collect())
    }

    /// Of which version refresh tokens are.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn refresh_key_version(&self) -> Result<RefreshKeyVersion, StoreError> {
        Ok(refresh_key::version(&self.connection)?)
    }

    /// When something was recorded last.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn last_recorded(&self) -> Result<Option<Timestamp>, StoreError> {
        let newest = audit_events::page(&self.connection, &AuditFilter::default(), 1)?;
        Ok(newest.first().map(|record| record.event.at))
    }
}
