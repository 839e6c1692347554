//! SQLite: one file, one writer thread that commits the waiting jobs together, readers beside it.

mod demo_sessions;
mod fault;
mod inspection;
mod jobs;
mod open;
mod place;
mod port;
mod readers;
mod schema;
mod snapshot;
mod tables;
mod takeover;
mod transaction;
mod untouched;
mod writer;

use std::{
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bulla_core::ports::RevocationSink;

pub use demo_sessions::DemoSessions;
pub(crate) use demo_sessions::{DemoSession, DemoSessionKey};
pub use open::OpenError;
pub(crate) use place::{Occupant, Place};
use readers::Readers;
pub(crate) use schema::LATEST as LATEST_SCHEMA;
pub(crate) use snapshot::{CopyError, DatabaseCopy};
pub use untouched::UntouchedDatabase;
use writer::Writer;

/// The default store.
///
/// Each job of the writer runs in a savepoint of its own, so that a job that fails is undone alone;
/// the jobs that waited together are committed together, and answered after the commit.
pub struct SqliteStore {
    path: PathBuf,
    lock: File,
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the database, or makes it (mode 0600), and brings its schema up to date. No other process
    /// can open it until it is closed: `<database>.lock` is locked. Revocations go into `sink` after
    /// their commit and before the answer; those of earlier processes do not.
    ///
    /// # Errors
    /// [`OpenError`]; a file that is refused stays as it was, byte for byte.
    pub fn open(path: &Path, sink: Arc<dyn RevocationSink>) -> Result<Self, OpenError> {
        let (lock, writing) = open::for_writing(path)?;
        let mut reading = Vec::new();
        for _ in 0..readers::count() {
            reading.push(open::for_reading(path)?);
        }
        let no_thread = |source: io::Error| open::inaccessible(path, source.to_string());
        Ok(Self {
            path: path.to_owned(),
            lock,
            readers: Readers::start(reading).map_err(no_thread)?,
            writer: Writer::start(writing, sink).map_err(no_thread)?,
        })
    }

    /// Does what still waits, and closes the file; later calls are answered
    /// [`Unavailable`](bulla_core::store::StoreError::Unavailable). Blocks; dropping the store does the same.
    pub fn close(&self) {
        // The last connection to close folds the write-ahead log into the file, and only a writing one can.
        self.readers.close();
        self.writer.close();
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(path = %self.path.display(), %error, "the database stays locked");
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqliteStore").field(&self.path).finish()
    }
}
