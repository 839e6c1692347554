//! The place of a database, into which another one is put in one step.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, chown},
    path::{Path, PathBuf},
};

use bulla_core::{session::refresh_token::RefreshKeyVersion, time::Timestamp};
use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    inspection::{self, damaged, unreadable},
    open::{self, OpenError, beside, inaccessible},
    schema, takeover,
};

/// What belongs to a database while it is open, or after a crash. Beside another database it would become part of that.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// The place of a database that no process has open, nor can until the value is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    _lock: File,
}

/// What is in the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occupant {
    /// Nothing.
    Nobody,
    /// A database in one file, with nothing beside it.
    Whole,
    /// What SQLite cannot read.
    Unreadable,
}

impl Place {
    /// Locks the place of this database, which may be reached through a link.
    ///
    /// # Errors
    /// [`OpenError`]: another process has it open.
    pub(crate) fn hold(database: &Path) -> Result<Self, OpenError> {
        let path = match open::exists(database)? {
            true => fs::canonicalize(database)
                .map_err(|source| inaccessible(database, source.to_string()))?,
            false => database.to_owned(),
        };
        Ok(Self {
            _lock: open::lock(&path)?,
            path,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the next database is put together.
    pub(crate) fn draft(&self) -> PathBuf {
        beside(&self.path, ".restoring")
    }

    /// An empty draft (mode 0600), in the place of what a killed process left.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn begin(&self) -> io::Result<File> {
        self.discard()?;
        let draft = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.draft())?;
        self.give_to_owner(&self.draft())?;
        Ok(draft)
    }

    /// Gives a file to whom the database belongs that is in the place, else its folder: so that a server that runs as somebody
    /// else can open what root has made.
    ///
    /// # Errors
    /// It cannot be given away.
    pub(crate) fn give_to_owner(&self, file: &Path) -> io::Result<()> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let folder = self
            .path
            .parent()
            .filter(|path| !path.as_os_str().is_empty());
        let owner = match fs::metadata(&self.path) {
            Ok(database) => database,
            Err(_) => fs::metadata(folder.unwrap_or(Path::new(".")))?,
        };
        chown(file, Some(owner.uid()), Some(owner.gid()))
    }

    /// Removes the draft.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(crate) fn discard(&self) -> io::Result<()> {
        open::remove(&self.draft())?;
        match fs::remove_file(beside(&self.draft(), ".lock")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads every page of the draft, brings it up to this version, and forgets the links in it: those that were used since
    /// would be good again. Its refresh tokens are at least of that version. Gives the number of the schema that it had.
    ///
    /// # Errors
    /// [`OpenError`]: it is none of our databases, or damaged.
    pub(crate) fn prepare(&self, at_least: RefreshKeyVersion) -> Result<i64, OpenError> {
        let draft = self.draft();
        inspection::inspect_header(&draft)?;
        let mut connection = open::connect(&draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let found = inspection::recognize(&draft, &connection)?;
        let fail = |error: rusqlite::Error| unreadable(&draft, &error);
        let verdict: String = connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(fail)?;
        if verdict != "ok" {
            return Err(damaged(&draft, verdict.replace('\n', " ")));
        }
        schema::migrate(&mut connection).map_err(fail)?;
        let prepare = || {
            connection.execute("DELETE FROM links", [])?;
            takeover::raise_epochs(&connection)?;
            connection.execute(
                "UPDATE refresh_key SET version = max(version, ?1)",
                [at_least.number()],
            )
        };
        prepare().map_err(fail)?;
        connection.close().map_err(|(_, error)| fail(error))?;
        Ok(found)
    }

    /// Takes over into the draft, which is prepared, what was revoked in the database that is in the place.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) fn take_over(&self, now: Timestamp) -> Result<(), OpenError> {
        let draft = self.draft();
        takeover::take_over(&draft, &self.path, now).map_err(|error| unreadable(&draft, &error))
    }

    /// Folds what is in the write-ahead log into the database that is in the place.
    ///
    /// # Errors
    /// [`OpenError`]: it cannot be folded in, because another program reads it or it cannot be written.
    pub(crate) fn fold(&self) -> Result<Occupant, OpenError> {
        if !open::exists(&self.path)? {
            return Ok(Occupant::Nobody);
        }
        match self.folded() {
            Ok(true) if LOGS.iter().all(|log| !self.has(log)) => Ok(Occupant::Whole),
            Ok(_) => Err(inaccessible(
                &self.path,
                "another program has it open: its write-ahead log cannot be folded in",
            )),
            Err(error) if super::fault::is_damage(&error) => Ok(Occupant::Unreadable),
            Err(error) => Err(unreadable(&self.path, &error)),
        }
    }

    /// Whether all of it was folded in.
    fn folded(&self) -> rusqlite::Result<bool> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(open::BUSY)?;
        // What cannot be folded in is kept as it is.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let busy: i64 =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        // Else SQLite removes the log, if nobody else has the database open.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, busy != 0)?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(busy == 0)
    }

    /// Keeps what is in the place under another name beside it; gives that. It stays in the place, too.
    ///
    /// # Errors
    /// It cannot be kept.
    pub(crate) fn keep_aside(
        &self,
        occupant: Occupant,
        stamp: &str,
    ) -> io::Result<Option<PathBuf>> {
        let name = beside(&self.path, &format!(".replaced-{stamp}"));
        let mut kept = None;
        if occupant != Occupant::Nobody {
            also_as(&self.path, &name)?;
            kept = Some(name.clone());
        }
        for log in LOGS {
            if self.has(log) {
                // Of nothing that can be read: what could was folded in.
                also_as(&beside(&self.path, log), &beside(&name, log))?;
                kept = Some(name.clone());
            }
        }
        Ok(kept)
    }

    /// Puts the draft into the place, in one step; on disk when this returns. What was there is kept already.
    ///
    /// # Errors
    /// It cannot be moved.
    pub(crate) fn put(&self) -> io::Result<()> {
        let draft = self.draft();
        if LOGS.iter().any(|log| non_empty(&beside(&draft, log))) {
            return Err(io::Error::other(
                "the draft has a write-ahead log that was not folded in",
            ));
        }
        File::open(&draft)?.sync_all()?;
        for name in LOGS.iter().chain(&["-shm"]) {
            match fs::remove_file(beside(&self.path, name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        open::sync_folder_of(&self.path)?;
        fs::rename(&draft, &self.path)?;
        open::sync_folder_of(&self.path)?;
        // It is in its place: what is left of the draft hinders nobody.
        let _ = self.discard();
        Ok(())
    }

    fn has(&self, log: &str) -> bool {
        non_empty(&beside(&self.path, log))
    }
}

fn non_empty(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// The same file under another name; a copy of it where a file has one name only.
fn also_as(file: &Path, name: &Path) -> io::Result<()> {
    match fs::hard_link(file, name) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            fs::copy(file, name)?;
            File::open(name)?.sync_all()
        }
        Ok(()) => Ok(()),
    }
}
