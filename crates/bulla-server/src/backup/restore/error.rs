//! Why a backup is not restored.

use std::{
    io,
    path::{Path, PathBuf},
};

use bulla_core::{
    key::{
        ring::OpenKeyError,
        service::{KeysError, RevokeKeyError},
    },
    store::StoreError,
};

use crate::{data_folder::MasterKeyError, store::sqlite::OpenError};

/// Why a backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is something else.
    #[error("this is no backup of Bulla's: {reason}")]
    Foreign {
        /// How that is known.
        reason: String,
    },
    /// It is cut off, or was changed.
    #[error("the backup is damaged: {reason}")]
    Damaged {
        /// What was found.
        reason: String,
    },
    /// The store is no file.
    #[error("the store is PostgreSQL, which is restored by pg_restore: see docs/backup.md")]
    Postgres,
    /// A newer version made it.
    #[error(
        "the backup was made by a newer version of Bulla ({version}): restore it with that one"
    )]
    Newer {
        /// Which version, as far as it can be read.
        version: String,
    },
    /// Something is to be kept, and the database in the place cannot tell what has ended or was revoked since.
    #[error(
        "the database that is there cannot be read, so nobody knows what has ended or was revoked since the backup ({reason}): \
         restore without --keep-sessions and --keep-keys, or move it away"
    )]
    NothingKnown {
        /// Why it cannot be read.
        reason: String,
    },
    /// It was made with another master key.
    #[error(
        "the backup was made with another master key (fingerprint {made_with}) than the one that is here ({here}): \
         put that one in its place, or move this one away if the backup holds its own"
    )]
    MasterKeyOther {
        /// Which key the backup needs.
        made_with: String,
        /// Which is here.
        here: String,
    },
    /// There is none.
    #[error(
        "there is no master key here, and the backup does not hold its own (fingerprint {made_with}): put it into the data \
         folder as master.key (mode 0600), or set BULLA_MASTER_KEY_FILE"
    )]
    MasterKeyMissing {
        /// Which key the backup needs.
        made_with: String,
    },
    /// The one that is here cannot be read, or not be kept.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The database in the backup or the one in its place cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The keys in the backup cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database in the backup failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read or written.
    #[error("{} cannot be read or written: {source}", path.display())]
    Inaccessible {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl RestoreError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => "backup_foreign",
            Self::Damaged { .. } => "backup_damaged",
            Self::Postgres => "store_postgres",
            Self::Newer { .. } => "backup_newer",
            Self::NothingKnown { .. } => "database_unreadable",
            Self::MasterKeyOther { .. }
            | Self::Keys(KeysError::Open(OpenKeyError::WrongMasterKey { .. })) => {
                "master_key_other"
            }
            Self::MasterKeyMissing { .. } => "master_key_missing",
            Self::MasterKey(_) => "master_key_unusable",
            Self::Database(error) => error.code(),
            Self::Keys(_) => "keys_unusable",
            Self::Store(_) => "store_unavailable",
            Self::Inaccessible { .. } => "file_inaccessible",
        }
    }

    pub(super) fn inaccessible(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Inaccessible { path, source }
    }

    pub(super) fn damaged(reason: &str) -> Self {
        Self::Damaged {
            reason: reason.to_owned(),
        }
    }

    pub(super) fn foreign(reason: &str) -> Self {
        Self::Foreign {
            reason: reason.to_owned(),
        }
    }
}

impl From<RevokeKeyError> for RestoreError {
    fn from(error: RevokeKeyError) -> Self {
        match error {
            RevokeKeyError::Keys(error) => error.into(),
            RevokeKeyError::NotFound => Self::damaged("a signing key is gone"),
        }
    }
}
