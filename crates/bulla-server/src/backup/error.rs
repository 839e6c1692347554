//! Why there is no backup.

use std::{
    io,
    path::{Path, PathBuf},
};

use bulla_core::{key::ring::OpenKeyError, store::StoreError};

use crate::store::sqlite::{CopyError, OpenError};

/// Why no backup was made. What is in the place of the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something in its place.
    #[error("{} exists already; --force replaces it", path.display())]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// What is in its place is no backup.
    #[error("{} is no backup: --force replaces nothing else", path.display())]
    NotReplaced {
        /// What is there.
        path: PathBuf,
    },
    /// A file cannot be written or read.
    #[error("{} cannot be read or written: {source}", path.display())]
    Inaccessible {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no master key, which is asked whether it reads the backup.
    #[error(
        "there is no master key here, to see that it reads the backup: set BULLA_MASTER_KEY or BULLA_MASTER_KEY_FILE as for \
         the server"
    )]
    MasterKeyMissing,
    /// The store is no file.
    #[error("the store is PostgreSQL, which is backed up by pg_dump: see docs/backup.md")]
    Postgres,
    /// The database cannot be read.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Its signing keys cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The master key is another one: nobody could use the backup with it.
    #[error(transparent)]
    MasterKey(#[from] OpenKeyError),
}

impl BackupError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "file_exists",
            Self::NotReplaced { .. } => "file_not_replaced",
            Self::Inaccessible { .. } => "file_inaccessible",
            Self::Database(error) => error.code(),
            Self::MasterKeyMissing => "master_key_missing",
            Self::Postgres => "store_postgres",
            Self::Store(_) => "store_unavailable",
            Self::MasterKey(_) => "master_key_other",
        }
    }

    pub(super) fn inaccessible(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Inaccessible { path, source }
    }
}

impl From<CopyError> for BackupError {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Database(error) => Self::Database(error),
            CopyError::Copy { folder, source } => Self::Inaccessible {
                path: folder,
                source,
            },
        }
    }
}
