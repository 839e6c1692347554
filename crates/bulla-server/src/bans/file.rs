//! The file with the bans: replaced as a whole, so a crash leaves the earlier bans or the later ones.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use bulla_guard::abuse::Ban;

use super::record::Document;

/// Many times what the most bans take.
const MAX_BYTES: u64 = 64 << 20;

/// Where the bans are kept.
#[derive(Debug, Clone)]
pub(super) struct BanFile(PathBuf);

/// Why the bans could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum BanFileError {
    /// The file cannot be read, written or moved.
    #[error("{}: {source}", path.display())]
    Inaccessible {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{} does not hold bans: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The process ends.
    #[error("the bans were not written: {0}")]
    Interrupted(String),
}

impl BanFile {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The bans in it; none if there is no file.
    pub(super) fn read(&self) -> Result<Vec<Ban>, BanFileError> {
        let mut bytes = Vec::new();
        match File::open(&self.0).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.inaccessible(error)),
        }
        let damaged = |reason: String| BanFileError::Damaged {
            path: self.0.clone(),
            reason,
        };
        let document: Document =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        document.bans().map_err(damaged)
    }

    /// Replaces the file. It is on disk when this returns.
    pub(super) fn write(&self, bans: &[Ban]) -> Result<(), BanFileError> {
        let inaccessible = |error| self.inaccessible(error);
        let text =
            serde_json::to_vec(&Document::of(bans)).map_err(|error| inaccessible(error.into()))?;
        replace(&self.0, &text).map_err(inaccessible)
    }

    /// Moves the file out of the way; where it is then.
    pub(super) fn set_aside(&self, now: u64) -> Result<PathBuf, BanFileError> {
        let aside = self.0.with_extension(format!("json.damaged-{now}"));
        fs::rename(&self.0, &aside).map_err(|error| self.inaccessible(error))?;
        Ok(aside)
    }

    fn inaccessible(&self, source: io::Error) -> BanFileError {
        BanFileError::Inaccessible {
            path: self.0.clone(),
            source,
        }
    }
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("json.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
