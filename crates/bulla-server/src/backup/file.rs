//! Where a backup is written.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::{BackupError, draft::Draft};

/// What every backup begins with.
const BEGINNING: &[u8] = b"{\"bulla_backup\":";

/// A place for a backup, in which there is nothing, or another backup that it may replace.
#[derive(Debug)]
pub struct BackupFile {
    path: PathBuf,
    folder: PathBuf,
    replaces: bool,
}

impl BackupFile {
    /// The place of that name. Nothing but a backup is ever replaced, and that only if it is wanted: not a database, a master
    /// key, a link or a device.
    ///
    /// # Errors
    /// [`BackupError`]: what is there may not be replaced, or there is no such folder.
    pub fn at(path: &Path, replaces: bool) -> Result<Self, BackupError> {
        let parent = path.parent();
        let folder = parent.filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
        let file = Self {
            folder: folder.map_err(BackupError::inaccessible(path))?,
            path: path.to_owned(),
            replaces,
        };
        file.check()?;
        Ok(file)
    }

    /// Its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts the draft there, in one step; on disk when this returns.
    pub(super) fn put(&self, draft: Draft) -> Result<(), BackupError> {
        // It has taken a while to make it.
        self.check()?;
        let put = match self.replaces {
            true => draft.put_over(&self.path, &self.folder),
            false => draft.put_new(&self.path),
        };
        let put = put.and_then(|()| File::open(&self.folder)?.sync_all());
        put.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => self.exists(),
            _ => BackupError::inaccessible(&self.path)(error),
        })
    }

    fn check(&self) -> Result<(), BackupError> {
        let Ok(found) = fs::symlink_metadata(&self.path) else {
            return Ok(());
        };
        if !self.replaces {
            return Err(self.exists());
        }
        // A pipe is not even opened.
        if found.is_file() && is_backup(&self.path) {
            return Ok(());
        }
        Err(BackupError::NotReplaced {
            path: self.path.clone(),
        })
    }

    fn exists(&self) -> BackupError {
        BackupError::Exists {
            path: self.path.clone(),
        }
    }
}

fn is_backup(path: &Path) -> bool {
    let mut found = vec![0; BEGINNING.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut found));
    read.is_ok() && found == BEGINNING
}

/// Where to copy a database to that goes to no file: beside it, or where that cannot be, `otherwise`.
#[must_use]
pub fn folder_for_copies(database: &Path, otherwise: PathBuf) -> PathBuf {
    let parent = database.parent();
    let folder = parent.filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    match tempfile::tempfile_in(folder) {
        Ok(_) => folder.to_owned(),
        Err(_) => otherwise,
    }
}
