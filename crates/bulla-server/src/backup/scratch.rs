//! A file that is there while something is made of it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::BackupError;

/// An empty file (mode 0600) that this process alone works with, and that goes with the value. What a killed process left is
/// taken over.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    file: File,
}

impl Scratch {
    pub(super) fn new(path: PathBuf) -> Result<Self, BackupError> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(BackupError::inaccessible(&path))?;
        let is_ours = match file.try_lock() {
            // Whoever held it may have removed it meanwhile: then it is nobody's place any more.
            Ok(()) => is_at(&file, &path).map_err(BackupError::inaccessible(&path))?,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(source)) => {
                return Err(BackupError::Inaccessible { path, source });
            }
        };
        if !is_ours {
            return Err(BackupError::InUse { path });
        }
        file.set_len(0).map_err(BackupError::inaccessible(&path))?;
        Ok(Self { path, file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "this file is left over: remove it");
        }
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(found.ino() == file.metadata()?.ino()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
