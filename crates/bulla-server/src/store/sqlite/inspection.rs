//! A look at a database file before anything could change it.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    open::{OpenError, beside, inaccessible},
    schema,
};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER: usize = 100;
const APPLICATION_ID_AT: usize = 68;

/// Reading every page takes 4 ms per MiB: of a larger file only header and schema are looked at, so that
/// the start stays within 100 ms. Damage elsewhere is found when it is met.
const CHECKED_WHOLE: u64 = 16 << 20;

/// Accepts a whole Bulla database with a schema that this version knows.
pub(super) fn inspect(path: &Path) -> Result<(), OpenError> {
    let size = fs::metadata(path)
        .map_err(|source| inaccessible(path, source.to_string()))?
        .len();
    inspect_header(path)?;
    let connection = open_untouching(path).map_err(|error| unreadable(path, &error))?;
    recognize(path, &connection)?;
    if size > CHECKED_WHOLE {
        return Ok(());
    }
    quick_check(&connection)
        .map_err(|error| unreadable(path, &error))?
        .map_err(|reason| damaged(path, reason))
}

/// The schema of a database that is ours, and that this version knows.
pub(super) fn recognize(path: &Path, connection: &Connection) -> Result<i64, OpenError> {
    let identity = identity(connection).map_err(|error| unreadable(path, &error))?;
    if identity.application != schema::APPLICATION_ID {
        return Err(foreign(path, "it belongs to another program"));
    }
    if identity.version < 1 {
        // A database gets its schema and our mark in one transaction.
        return Err(damaged(
            path,
            format!("its schema has the number {}", identity.version),
        ));
    }
    if identity.version > schema::LATEST {
        return Err(OpenError::NewerSchema {
            path: path.to_owned(),
            found: identity.version,
            known: schema::LATEST,
        });
    }
    Ok(identity.version)
}

/// Reads every page. The inner error is the first damage that was found.
pub(super) fn quick_check(connection: &Connection) -> rusqlite::Result<Result<(), String>> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    match verdict.as_str() {
        "ok" => Ok(Ok(())),
        _ => Ok(Err(verdict.replace('\n', " "))),
    }
}

struct Identity {
    application: i32,
    version: i64,
}

fn identity(connection: &Connection) -> rusqlite::Result<Identity> {
    Ok(Identity {
        application: connection.pragma_query_value(None, "application_id", |row| row.get(0))?,
        version: schema::version(connection)?,
    })
}

/// What can be told without SQLite, which would leave files beside a foreign one.
pub(super) fn inspect_header(path: &Path) -> Result<(), OpenError> {
    let mut header = Vec::with_capacity(HEADER);
    File::open(path)
        .and_then(|file| file.take(HEADER as u64).read_to_end(&mut header))
        .map_err(|source| inaccessible(path, source.to_string()))?;
    if header.is_empty() {
        return Err(damaged(path, "it is empty"));
    }
    if header.len() < HEADER || !header.starts_with(MAGIC) {
        return Err(foreign(path, "it is no SQLite file"));
    }
    let application = &header[APPLICATION_ID_AT..APPLICATION_ID_AT + 4];
    if application != schema::APPLICATION_ID.to_be_bytes() {
        return Err(foreign(path, "it belongs to another program"));
    }
    Ok(())
}

/// Without a write-ahead log the file is all there is, and is read as if it could not change: not even
/// a lock is taken. With one, SQLite must read both, but never folds the log into the file.
pub(super) fn open_untouching(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if has_log(path) {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        return Ok(connection);
    }
    Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI)
}

/// What SQLite opens as a file that nobody changes.
pub(super) fn immutable(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("file://{}?immutable=1", percent_encoded(&absolute))
}

/// Whether there is a write-ahead log with something in it.
pub(super) fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

fn percent_encoded(path: &Path) -> String {
    use std::{fmt::Write, os::unix::ffi::OsStrExt};
    let mut uri = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(*byte));
            }
            // Writing to a `String` cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

pub(super) fn unreadable(path: &Path, error: &rusqlite::Error) -> OpenError {
    if super::fault::is_damage(error) {
        return damaged(path, error.to_string());
    }
    inaccessible(path, error.to_string())
}

pub(super) fn damaged(path: &Path, reason: impl Into<String>) -> OpenError {
    OpenError::Damaged {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

fn foreign(path: &Path, reason: &str) -> OpenError {
    OpenError::Foreign {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_uri_whatever_it_holds() {
        assert_eq!(
            percent_encoded(Path::new("/a b/ü?#%.db")),
            "/a%20b/%C3%BC%3F%23%25.db"
        );
    }
}
