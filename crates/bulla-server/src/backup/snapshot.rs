//! Making a backup.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Seek, Write},
    path::Path,
};

use aws_lc_rs::digest::{Context, SHA256};
use bulla_core::{
    key::{PrivateHalf, ring::OpenKeyError, wrap::MasterKey},
    time::Timestamp,
};

use super::{
    BackupError, Manifest, ManifestOfDatabase, ManifestOfMasterKey, draft::Draft, file::BackupFile,
};
use crate::{
    data_folder::master_key,
    edge::{secret::SecretText, time::rfc3339},
    store::sqlite::DatabaseCopy,
};

/// Read at once.
const PIECE: usize = 1 << 20;

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
    database: File,
}

impl Snapshot {
    /// Copies the database, in files without a name in that folder: nothing of them stays, however the process ends.
    ///
    /// # Errors
    /// [`BackupError`]; one that the master key does not belong to is no backup either.
    pub fn take(source: &BackupSource<'_>, folder: &Path) -> Result<Self, BackupError> {
        let folder = fs::canonicalize(folder).map_err(BackupError::inaccessible(folder))?;
        let copy = DatabaseCopy::take(source.database, &folder)?;
        check_key(&copy, source.master_key)?;
        let schema = copy.schema();
        let database = copy.into_file()?;
        let (bytes, sha256) = digest(&database).map_err(BackupError::inaccessible(&folder))?;
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
            database,
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
        let mut database = &self.database;
        database.rewind()?;
        io::copy(&mut database, out)?;
        out.flush()
    }

    /// Writes the backup into its file (mode 0600), which is in its place once it is whole and on disk.
    ///
    /// # Errors
    /// [`BackupError`]; what was there is as before.
    pub fn save(&self, file: &BackupFile) -> Result<(), BackupError> {
        let draft = Draft::new_in(file.folder()).map_err(BackupError::inaccessible(file.path()))?;
        let mut out = BufWriter::with_capacity(PIECE, draft.file());
        let written = self.write_to(&mut out);
        drop(out);
        written
            .and_then(|()| draft.file().sync_all())
            .map_err(BackupError::inaccessible(file.path()))?;
        file.put(draft)
    }
}

/// The signing keys are read with this master key. Those of an older schema are not looked at: the first start reads them.
fn check_key(copy: &DatabaseCopy, master_key: &MasterKey) -> Result<(), BackupError> {
    let keys = copy.signing_keys()?;
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
