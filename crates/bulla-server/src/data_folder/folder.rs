//! The folder itself: made once, held by one process at a time.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use bulla_core::{key::wrap::MasterKey, ports::Entropy};

use super::{MasterKeyError, MasterKeySource, master_key};

/// A data folder that this process holds; dropping it lets the next one in.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// It cannot be made or written.
    #[error("the data folder {} cannot be used: {source}", path.display())]
    Inaccessible {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process holds it.
    #[error("the data folder {} is in use by another bulla process", path.display())]
    InUse {
        /// Which folder.
        path: PathBuf,
    },
}

impl DataFolderError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Inaccessible { .. } => "data_folder_inaccessible",
            Self::InUse { .. } => "data_folder_in_use",
        }
    }
}

impl DataFolder {
    /// Makes the folder if it is missing, takes its lock, and closes it to everybody but its owner
    /// (mode 0700): on this rests that nobody else opens a file in it before its own mode is set.
    ///
    /// # Errors
    /// [`DataFolderError`]: it cannot be written or closed to others, or another process holds it.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        let inaccessible = |source| DataFolderError::Inaccessible {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(inaccessible)?;
        // The lock dies with the process, however it ends; the file stays and means nothing.
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(inaccessible)?;
        match lock.try_lock() {
            Ok(()) => {
                close_to_others(path).map_err(inaccessible)?;
                Ok(Self {
                    path: path.to_owned(),
                    _lock: lock,
                })
            }
            Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(inaccessible(source)),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where a running server answers administrators.
    #[must_use]
    pub fn admin_socket(&self) -> PathBuf {
        Self::admin_socket_in(&self.path)
    }

    /// Where the server that holds this folder, if one does, answers administrators.
    #[must_use]
    pub fn admin_socket_in(folder: &Path) -> PathBuf {
        folder.join("admin.sock")
    }

    /// Where the demo keeps its sessions, until the next start.
    #[must_use]
    pub fn demo_sessions(&self) -> PathBuf {
        self.path.join("demo-sessions.db")
    }

    /// Where bans are kept over a restart.
    #[must_use]
    pub fn bans(&self) -> PathBuf {
        self.path.join("bans.json")
    }

    /// Keeps a master key from elsewhere (`master.key`, mode 0600), in whose place there is none; gives where. Safe on disk when
    /// this returns.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_master_key(&self, key: &MasterKey) -> Result<PathBuf, MasterKeyError> {
        let path = self.path.join(master_key::MASTER_KEY);
        master_key::keep(&path, key)?;
        Ok(path)
    }

    /// The key that unwraps the signing keys in the database. With neither a key in the folder nor a
    /// database, it is made (`master.key`, mode 0600) and safe on disk when this returns.
    ///
    /// # Errors
    /// [`MasterKeyError`]: it is missing beside a database that exists, or unreadable. Nothing is overwritten.
    pub fn master_key(
        &self,
        source: &MasterKeySource,
        database: &DatabaseAtRest,
        entropy: &dyn Entropy,
    ) -> Result<MasterKey, MasterKeyError> {
        match source {
            MasterKeySource::Text(text) => master_key::from_text("BULLA_MASTER_KEY", text),
            MasterKeySource::File(path) => master_key::read(path),
            MasterKeySource::DataFolder => {
                let path = self.path.join(master_key::MASTER_KEY);
                if exists(&path)? {
                    if !database.exists {
                        // A first start that was killed leaves just this, so the start goes on.
                        tracing::warn!(
                            database = database.name,
                            "the master key is there, but its database is missing: an empty one is made, \
                             without accounts; if there was one, stop and put it back"
                        );
                    }
                    return master_key::read(&path);
                }
                if database.exists {
                    return Err(MasterKeyError::Missing {
                        path,
                        database: database.name.clone(),
                    });
                }
                master_key::create(&path, entropy)
            }
        }
    }
}

/// What is known of a database before its master key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseAtRest {
    /// For people.
    pub name: String,
    /// Whether it holds anything.
    pub exists: bool,
}

impl DatabaseAtRest {
    /// One that is a file.
    ///
    /// # Errors
    /// It cannot be told whether it is there.
    pub fn file(path: &Path) -> Result<Self, MasterKeyError> {
        Ok(Self {
            name: path.display().to_string(),
            exists: exists(path)?,
        })
    }
}

/// Somebody may have made the folder before us, by the mode that his shell gives.
fn close_to_others(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(0o700))
}

/// A broken symbolic link is something too: what it points to may only be unmounted.
fn exists(path: &Path) -> Result<bool, MasterKeyError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(MasterKeyError::Inaccessible {
            path: path.to_owned(),
            source,
        }),
    }
}
