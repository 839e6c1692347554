//! A file that is there while something is made of it.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use bulla_core::ports::Entropy;

use super::BackupError;
use crate::store::sqlite::beside;

/// A new, empty file (mode 0600) beside another one, of a name that nobody guesses. It goes with the value, unless it was moved.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    file: File,
}

impl Scratch {
    pub(super) fn beside(path: &Path, entropy: &dyn Entropy) -> Result<Self, BackupError> {
        let mut random = [0; 8];
        entropy.fill(&mut random);
        let path = beside(path, &format!(".{:016x}.part", u64::from_be_bytes(random)));
        // Never one that is there, nor what a link leads to.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(BackupError::inaccessible(&path))?;
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
        // What was moved is not there any more.
        let _ = fs::remove_file(&self.path);
    }
}
