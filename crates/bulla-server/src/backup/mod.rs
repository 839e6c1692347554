//! Backups of a SQLite store: one file with everything that the issuer needs but, unless it is wanted, the master key.
//!
//! The file is a line of JSON, the [`Manifest`], and after it the database as SQLite reads it.

mod draft;
mod error;
mod file;
mod manifest;
mod restore;
mod snapshot;

pub use self::{
    error::BackupError,
    file::{BackupFile, folder_for_copies},
    manifest::{Manifest, ManifestOfDatabase, ManifestOfMasterKey},
    restore::{Changed, Kept, RestoreError, RestoreTarget, Restored, Step, restore},
    snapshot::{BackupSource, Snapshot},
};
