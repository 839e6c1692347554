//! A copy of a database at one moment, while others write to it.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use bulla_core::{key::SigningKeys, store::StoreError};
use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
};
use tempfile::NamedTempFile;

use super::{
    inspection::{self, damaged, unreadable},
    open::{self, OpenError},
    schema,
    tables::signing_keys,
};

/// In one step, of which the others' transactions see nothing and which sees nothing of theirs.
const ALL_PAGES: i32 = -1;

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CopyError {
    /// The database cannot be read.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The copy cannot be written.
    #[error("{}: {source}", folder.display())]
    Copy {
        /// Where it is.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What a database held at one moment, in files without a name: nothing of it stays when the process ends, however it does.
#[derive(Debug)]
pub(crate) struct DatabaseCopy {
    folder: PathBuf,
    connection: Connection,
    schema: i64,
}

impl DatabaseCopy {
    /// Copies all that the database holds now, in that folder. What was deleted from it is not in the copy: it is made of the
    /// rows, not of the pages. No store of this process has the database open.
    ///
    /// # Errors
    /// [`CopyError`].
    pub(crate) fn take(database: &Path, folder: &Path) -> Result<Self, CopyError> {
        inspection::inspect_header(database)?;
        let name = folder.to_str().ok_or_else(|| CopyError::Copy {
            folder: folder.to_owned(),
            source: io::Error::other("its name is no text"),
        })?;
        let prepare = || {
            let copy = Connection::open("")?;
            copy.pragma_update(None, "temp_store_directory", name)?;
            copy.pragma_update(None, "journal_mode", "OFF")?;
            Ok(copy)
        };
        let mut connection = prepare().map_err(|error| unwritable(folder, &error))?;
        let schema = all_pages(database, folder, &mut connection)?;
        let compacted = connection.execute_batch("VACUUM");
        compacted.map_err(|error| match super::fault::is_damage(&error) {
            true => damaged(database, error.to_string()).into(),
            false => unwritable(folder, &error),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            connection,
            schema,
        })
    }

    /// The number of its schema.
    pub(crate) const fn schema(&self) -> i64 {
        self.schema
    }

    /// The signing keys, wrapped; none of an older schema, which the next start brings up to date.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn signing_keys(&self) -> Result<Option<SigningKeys>, StoreError> {
        if self.schema < schema::LATEST {
            return Ok(None);
        }
        Ok(signing_keys::all(&self.connection)?)
    }

    /// The same as one file, which has no name any more.
    ///
    /// # Errors
    /// [`CopyError::Copy`].
    pub(crate) fn into_file(self) -> Result<File, CopyError> {
        let unwritten = |source| CopyError::Copy {
            folder: self.folder.clone(),
            source,
        };
        let (file, name) = NamedTempFile::with_prefix_in(".bulla-", &self.folder)
            .map_err(unwritten)?
            .into_parts();
        let open = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_NOFOLLOW;
            let into = Connection::open_with_flags(&name, flags)?;
            into.pragma_update(None, "journal_mode", "OFF")?;
            into.pragma_update(None, "synchronous", "OFF")?;
            // SQLite opens the file no sooner than it writes.
            into.pragma_update(None, "user_version", 1)?;
            Ok(into)
        };
        let mut into = open().map_err(|error| unwritable(&self.folder, &error))?;
        // Nothing of the database is in it yet. Whoever may write to the folder could have put another file in its place.
        if file.metadata().map_err(unwritten)?.len() == 0 {
            return Err(unwritten(io::Error::other("a file in it was exchanged")));
        }
        name.close().map_err(unwritten)?;
        let copied = Backup::new(&self.connection, &mut into).and_then(|all| all.step(ALL_PAGES));
        match copied.map_err(|error| unwritable(&self.folder, &error))? {
            StepResult::Done => {}
            other => return Err(unwritten(io::Error::other(format!("{other:?}")))),
        }
        into.close()
            .map_err(|(_, error)| unwritable(&self.folder, &error))?;
        Ok(file)
    }
}

/// Copies what the database holds; gives the number of its schema.
fn all_pages(database: &Path, folder: &Path, copy: &mut Connection) -> Result<i64, CopyError> {
    // Without a log it is read as a file that nobody changes: that takes no right to write to its folder, and leaves nothing
    // there. If somebody did change it meanwhile, a server was started.
    if !inspection::has_log(database) {
        let before = Version::of(database);
        let copied = inspection::open_untouching(database)
            .map_err(|error| unreadable(database, &error).into())
            .and_then(|connection| pages_of(database, &connection, folder, copy));
        let at_rest = !inspection::has_log(database) && before == Version::of(database);
        if at_rest && before.is_some() {
            return copied;
        }
    }
    pages_of(database, &open::for_reading(database)?, folder, copy)
}

fn pages_of(
    database: &Path,
    connection: &Connection,
    folder: &Path,
    copy: &mut Connection,
) -> Result<i64, CopyError> {
    let copied = Backup::new(connection, copy).and_then(|all| all.step(ALL_PAGES));
    match copied {
        Ok(StepResult::Done) => Ok(inspection::recognize(database, copy)?),
        Ok(_) => Err(open::inaccessible(database, "another program has locked it").into()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
            Err(unwritable(folder, &error))
        }
        Err(error) => Err(unreadable(database, &error).into()),
    }
}

/// Another one after each time that the file was written.
#[derive(PartialEq, Eq)]
struct Version {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Version {
    fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        Some(Self {
            inode: file.ino(),
            size: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
        })
    }
}

fn unwritable(folder: &Path, error: &rusqlite::Error) -> CopyError {
    CopyError::Copy {
        folder: folder.to_owned(),
        source: io::Error::other(error.to_string()),
    }
}
