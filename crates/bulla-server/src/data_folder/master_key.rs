//! The master key: 32 random bytes, kept as base64url text.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use bulla_core::{key::wrap::MasterKey, ports::Entropy};
use bulla_jose::base64url;
use zeroize::Zeroizing;

/// Its file in the data folder.
pub(super) const MASTER_KEY: &str = "master.key";

/// Where the master key comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum MasterKeySource {
    /// `master.key` in the data folder, made at the first start.
    DataFolder,
    /// The text itself, from `BULLA_MASTER_KEY`.
    Text(Zeroizing<String>),
    /// A file of one's own, from `BULLA_MASTER_KEY_FILE`; never made.
    File(PathBuf),
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// There is a database, and the key that reads it is gone.
    #[error(
        "{} is missing, but the database {database} exists, and its signing keys cannot be read without it: \
         put it back, or set BULLA_MASTER_KEY_FILE",
        path.display()
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
        /// What it should open.
        database: String,
    },
    /// What is there is no key.
    #[error("{origin} holds no master key: expected 43 characters of base64url (32 bytes)")]
    Malformed {
        /// The file or variable.
        origin: String,
    },
    /// The file cannot be read, or not be made.
    #[error("the master key {} cannot be used: {source}", path.display())]
    Inaccessible {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Both variables are set.
    #[error("set BULLA_MASTER_KEY or BULLA_MASTER_KEY_FILE, not both")]
    Ambiguous,
}

impl MasterKeySource {
    /// As `BULLA_MASTER_KEY` and `BULLA_MASTER_KEY_FILE` say, else the data folder.
    ///
    /// # Errors
    /// [`MasterKeyError::Ambiguous`] if both are set.
    pub fn from_environment(environment: &[(String, String)]) -> Result<Self, MasterKeyError> {
        let value = |name: &str| {
            let found = environment.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        match (value("BULLA_MASTER_KEY"), value("BULLA_MASTER_KEY_FILE")) {
            (None, None) => Ok(Self::DataFolder),
            (Some(text), None) => Ok(Self::Text(Zeroizing::new(text.to_owned()))),
            (None, Some(path)) => Ok(Self::File(PathBuf::from(path))),
            (Some(_), Some(_)) => Err(MasterKeyError::Ambiguous),
        }
    }
}

impl MasterKeySource {
    /// Where it is, for people.
    #[must_use]
    pub fn name(&self, folder: &Path) -> String {
        match self {
            Self::DataFolder => folder.join(MASTER_KEY).display().to_string(),
            Self::Text(_) => "BULLA_MASTER_KEY".to_owned(),
            Self::File(path) => format!("{} (BULLA_MASTER_KEY_FILE)", path.display()),
        }
    }

    /// The key, which is not made; `None`: it would be, in this data folder.
    ///
    /// # Errors
    /// What is there is no key, or cannot be read.
    pub fn read(&self, folder: &Path) -> Result<Option<MasterKey>, MasterKeyError> {
        match self {
            Self::Text(text) => from_text("BULLA_MASTER_KEY", text).map(Some),
            Self::File(path) => read(path).map(Some),
            Self::DataFolder => match read(&folder.join(MASTER_KEY)) {
                Err(MasterKeyError::Inaccessible { source, .. })
                    if source.kind() == io::ErrorKind::NotFound =>
                {
                    Ok(None)
                }
                read => read.map(Some),
            },
        }
    }
}

impl fmt::Debug for MasterKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataFolder => f.write_str("DataFolder"),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// Reads the text form; white space around it is none of it.
pub(crate) fn from_text(origin: &str, text: &str) -> Result<MasterKey, MasterKeyError> {
    let malformed = || MasterKeyError::Malformed {
        origin: origin.to_owned(),
    };
    let decoded = base64url::decode(text.trim().as_bytes()).map_err(|_| malformed())?;
    let decoded = Zeroizing::new(decoded);
    let mut bytes = Zeroizing::new([0; 32]);
    if decoded.len() != bytes.len() {
        return Err(malformed());
    }
    bytes.copy_from_slice(&decoded);
    Ok(MasterKey::from_bytes(bytes))
}

pub(super) fn read(path: &Path) -> Result<MasterKey, MasterKeyError> {
    let inaccessible = |source| unusable(path, source);
    let file = File::open(path).map_err(inaccessible)?;
    let metadata = file.metadata().map_err(inaccessible)?;
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "the master key can be read by others: chmod 600");
    }
    let mut text = Zeroizing::new(Vec::with_capacity(128));
    // No key is longer; what is must not fill the memory.
    (&file)
        .take(128)
        .read_to_end(&mut text)
        .map_err(inaccessible)?;
    let origin = path.display().to_string();
    match std::str::from_utf8(&text) {
        Ok(text) => from_text(&origin, text),
        Err(_) => Err(MasterKeyError::Malformed { origin }),
    }
}

/// Makes a new key, and keeps it.
pub(super) fn create(path: &Path, entropy: &dyn Entropy) -> Result<MasterKey, MasterKeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(bytes.as_mut());
    let key = MasterKey::from_bytes(bytes);
    keep(path, &key)?;
    Ok(key)
}

/// Writes a key beside its place, and moves it there once it is on disk: a crash leaves a whole key or none.
pub(super) fn keep(path: &Path, key: &MasterKey) -> Result<(), MasterKeyError> {
    let draft = path.with_extension("key.new");
    write(&draft, path, &to_text(key)).map_err(|source| unusable(path, source))
}

/// The form in which it is kept.
pub(crate) fn to_text(key: &MasterKey) -> Zeroizing<String> {
    Zeroizing::new(base64url::encode(key.expose().as_slice()))
}

fn write(draft: &Path, path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::rename(draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn unusable(path: &Path, source: io::Error) -> MasterKeyError {
    MasterKeyError::Inaccessible {
        path: path.to_owned(),
        source,
    }
}
