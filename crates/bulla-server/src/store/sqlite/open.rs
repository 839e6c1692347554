//! Opening a database file, or refusing it untouched.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{inspection, schema};

/// How much of the database the writer holds: what a transaction touches beyond it is written more than once.
const WRITTEN_KIB: i32 = 16 << 10;

/// Longer than any transaction of ours; only another program's can make us wait.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// More than there are different statements.
const STATEMENTS: usize = 64;

/// Why a database file is not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It, or its folder, cannot be read or written.
    #[error("the database {} cannot be opened: {reason}", path.display())]
    Inaccessible {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another process has it open.
    #[error(
        "the database {} is in use by another bulla process; stop that one first, or work in its folder",
        path.display()
    )]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// It is no database of Bulla's.
    #[error("{} is not a Bulla database: {reason}", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// How that is known.
        reason: String,
    },
    /// It is one, and damaged.
    #[error("the database {} is damaged: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A newer version of Bulla has written it.
    #[error("the database {} was written by a newer version of Bulla (schema {found}; this one knows {known})", path.display())]
    NewerSchema {
        /// Which file.
        path: PathBuf,
        /// The file's schema.
        found: i64,
        /// The newest this version knows.
        known: i64,
    },
}

impl OpenError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Inaccessible { .. } => "database_inaccessible",
            Self::InUse { .. } => "database_in_use",
            Self::Foreign { .. } => "database_foreign",
            Self::Damaged { .. } => "database_damaged",
            Self::NewerSchema { .. } => "database_newer",
        }
    }
}

/// The database's lock, and the writer's connection: to a database that exists, is ours and whole, and
/// has the newest schema. Whatever a second process revoked, this one would not hear of: so the lock is
/// the database's own, and holds in whichever data folder the other one works.
pub(super) fn for_writing(path: &Path) -> Result<(File, Connection), OpenError> {
    // Beside a file that is refused nothing is made, a lock neither.
    if !lock_path(path).exists() {
        survey(path)?;
    }
    let lock = lock(path)?;
    if !survey(path)? {
        create(path)?;
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let fail = |error: rusqlite::Error| refusal(path, &error);
    // SQLite opens for reading what the system does not let it write.
    if connection.is_readonly("main").map_err(fail)? {
        return Err(inaccessible(path, "it cannot be written"));
    }
    schema::migrate(&mut connection).map_err(fail)?;
    Ok((lock, connection))
}

/// A reader's connection, once [`for_writing`] has accepted the file.
pub(super) fn for_reading(path: &Path) -> Result<Connection, OpenError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

pub(super) fn inaccessible(path: &Path, reason: impl Into<String>) -> OpenError {
    OpenError::Inaccessible {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

/// Whether there is a database; then it is one that can be used. If there is none, one can be made.
fn survey(path: &Path) -> Result<bool, OpenError> {
    if exists(path)? {
        inspection::inspect(path)?;
        return Ok(true);
    }
    if inspection::has_log(path) {
        // SQLite would take the log for the new file's, and write the old pages into it.
        return Err(inspection::damaged(
            path,
            "it is missing, but its write-ahead log is there",
        ));
    }
    Ok(false)
}

/// The lock dies with the process, however it ends; the file stays and means nothing.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(lock_path(path))
        .map_err(|source| inaccessible(path, source.to_string()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(inaccessible(path, source.to_string())),
    }
}

/// Beside the database itself, also if it is reached through a link.
fn lock_path(path: &Path) -> PathBuf {
    beside(
        &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        ".lock",
    )
}

/// Makes the whole database beside its place and moves it there, so that a file in that place is
/// always complete: a start that was killed leaves nothing that a later one must guess about.
fn create(path: &Path) -> Result<(), OpenError> {
    let fail = |source: io::Error| inaccessible(path, source.to_string());
    let draft = beside(path, ".new");
    let mut connection = anew(&draft)?;
    schema::migrate(&mut connection).map_err(|error| refusal(path, &error))?;
    connection
        .close()
        .map_err(|(_, error)| refusal(path, &error))?;
    File::open(&draft)
        .and_then(|file| file.sync_all())
        .map_err(fail)?;
    fs::rename(&draft, path).map_err(fail)?;
    sync_folder_of(path).map_err(fail)
}

/// Puts on disk what was made, moved or removed beside a file.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// An empty database in a file of its own (mode 0600), in the place of what was there.
pub(super) fn anew(path: &Path) -> Result<Connection, OpenError> {
    let fail = |source: io::Error| inaccessible(path, source.to_string());
    remove(path).map_err(fail)?;
    // SQLite gives the files beside the database the mode of the database.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(fail)?;
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// Removes a database, and what SQLite has beside it, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    for name in ["", "-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(path, name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// A broken symbolic link is something too: what it points to may only be unmounted.
pub(super) fn exists(path: &Path) -> Result<bool, OpenError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(inaccessible(path, error.to_string())),
    }
}

/// The path with something added to its last name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

pub(super) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    let prepare = || {
        let connection =
            Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "foreign_keys", true)?;
        if access.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "cache_size", -WRITTEN_KIB)?;
        }
        Ok(connection)
    };
    prepare().map_err(|error| refusal(path, &error))
}

pub(super) fn refusal(path: &Path, error: &rusqlite::Error) -> OpenError {
    if super::fault::is_damage(error) {
        return OpenError::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        };
    }
    inaccessible(path, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_commits_through_the_log_and_waits_for_the_disk() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("bulla.db");
        // New, and opened again.
        for _ in 0..2 {
            let (_lock, writer) = for_writing(&path).unwrap();
            let journal: String = setting(&writer, "journal_mode");
            assert_eq!(journal, "wal");
            // FULL: without it, a commit that was answered is lost with the power.
            assert_eq!(setting::<i64>(&writer, "synchronous"), 2);
            assert_eq!(setting::<i64>(&writer, "foreign_keys"), 1);
        }
    }

    fn setting<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> T {
        connection
            .pragma_query_value(None, name, |row| row.get(0))
            .unwrap()
    }
}
