//! Making a backup.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Seek, Write},
    path::Path,
};

use aws_lc_rs::digest::{Context, SHA256};
use bulla_core::{
    key::{PrivateHalf, ring::OpenKeyError, wrap::MasterKey},
    ports::Entropy,
    time::Timestamp,
};

use super::{BackupError, Manifest, ManifestOfDatabase, ManifestOfMasterKey, scratch::Scratch};
use crate::{
    data_folder::master_key,
    edge::{secret::SecretText, time::rfc3339},
    store::sqlite::{UntouchedDatabase, snapshot},
};

/// Read at once.
const PIECE: usize = 1 << 20;

/// What every backup begins with.
const BEGINNING: &[u8] = b"{\"bulla_backup\":";

/// What a backup is made of.
#[derive(Debug)]
pub struct BackupSource<'a> {
    /// The database, which no store of this process has open; a server of another process may.
    pub database: &'a Path,
    /// What reads its signing keys.
    pub master_key: &'a MasterKey,
    /// Whether the backup holds the master key too.
    pub with_key: bool,
    /// The time now.
    pub now: Timestamp,
}

/// The database as it was at one moment.
#[derive(Debug)]
pub struct Snapshot {
    manifest: Manifest,
    database: Scratch,
}

impl Snapshot {
    /// Copies the database into a file beside `near`, which goes with the value.
    ///
    /// # Errors
    /// [`BackupError`]; one that the master key does not belong to is no backup either.
    pub fn take(
        source: &BackupSource<'_>,
        near: &Path,
        entropy: &dyn Entropy,
    ) -> Result<Self, BackupError> {
        let scratch = Scratch::beside(near, entropy)?;
        let schema = snapshot(source.database, scratch.path())?;
        check_key(scratch.path(), source.master_key)?;
        let digested = digest(scratch.file());
        let (bytes, sha256) = digested.map_err(BackupError::inaccessible(scratch.path()))?;
        let key = || SecretText::new(master_key::to_text(source.master_key).to_string());
        Ok(Self {
            manifest: Manifest {
                bulla_backup: Manifest::FORMAT,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                made_at: rfc3339(source.now),
                database: ManifestOfDatabase {
                    schema,
                    bytes,
                    sha256,
                },
                master_key: ManifestOfMasterKey {
                    fingerprint: source.master_key.fingerprint(),
                    key: source.with_key.then(key),
                },
            },
            database: scratch,
        })
    }

    /// What is in the backup.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes the backup.
    ///
    /// # Errors
    /// It cannot be written, or the copy not be read.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let mut manifest = zeroize::Zeroizing::new(serde_json::to_vec(&self.manifest)?);
        manifest.push(b'\n');
        out.write_all(&manifest)?;
        let mut database = self.database.file();
        database.rewind()?;
        io::copy(&mut database, out)?;
        out.flush()
    }

    /// Writes the backup into a file (mode 0600), which is in its place once it is whole and on disk.
    ///
    /// # Errors
    /// [`BackupError`]; what was there is as before.
    pub fn save(
        &self,
        path: &Path,
        replace: bool,
        entropy: &dyn Entropy,
    ) -> Result<(), BackupError> {
        let draft = Scratch::beside(path, entropy)?;
        let mut out = BufWriter::with_capacity(PIECE, draft.file());
        self.write_to(&mut out)
            .and_then(|()| draft.file().sync_all())
            .map_err(BackupError::inaccessible(draft.path()))?;
        check_free(path, replace)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let put = match replace {
            true => fs::rename(draft.path(), path),
            // A second name is only for what has none: nothing is replaced that came meanwhile.
            false => fs::hard_link(draft.path(), path),
        };
        put.and_then(|()| File::open(folder.unwrap_or(Path::new(".")))?.sync_all())
            .map_err(BackupError::inaccessible(path))
    }
}

/// Refuses to go on where something is in the place of a file: anything at all, or, to `replace`, what is no backup.
///
/// # Errors
/// [`BackupError::Exists`], [`BackupError::NotReplaced`].
pub fn check_free(path: &Path, replace: bool) -> Result<(), BackupError> {
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    let path = || path.to_owned();
    if !replace {
        return Err(BackupError::Exists { path: path() });
    }
    let begins = || {
        let mut beginning = Vec::new();
        let file = File::open(path())?;
        file.take(BEGINNING.len() as u64)
            .read_to_end(&mut beginning)?;
        Ok::<_, io::Error>(beginning.is_empty() || beginning == BEGINNING)
    };
    match found.is_file() && begins().unwrap_or(false) {
        true => Ok(()),
        false => Err(BackupError::NotReplaced { path: path() }),
    }
}

/// The signing keys are read with this master key. Those of an older schema are not looked at: the first start reads them.
fn check_key(database: &Path, master_key: &MasterKey) -> Result<(), BackupError> {
    let Some(database) = UntouchedDatabase::at_rest(database)? else {
        return Ok(());
    };
    if database.is_older() {
        return Ok(());
    }
    let keys = database.signing_keys()?;
    for key in keys.iter().flat_map(|keys| keys.all()) {
        if let PrivateHalf::Wrapped(wrapped) = &key.private {
            let wrong = |_| OpenKeyError::WrongMasterKey {
                key_id: key.key_id.clone(),
            };
            let private = master_key.unwrap(&key.key_id, key.algorithm, wrapped);
            private.map_err(wrong)?;
        }
    }
    Ok(())
}

/// Puts the file on disk, and gives its length and SHA-256.
fn digest(mut file: &File) -> io::Result<(u64, String)> {
    file.sync_all()?;
    file.rewind()?;
    let mut digest = Context::new(&SHA256);
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((bytes, hex(digest.finish().as_ref()))),
            read => {
                digest.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
