//! `[store]`.

use std::{
    num::NonZeroU16,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    secret::{self, Kept},
    span::duration,
};
use crate::{
    config::{
        reader::{Mistake, Section, count},
        settings::{PostgresDatabase, Store},
        tree::Node,
        written::Hidden,
    },
    data_folder::{DATA_FOLDER, DATABASE},
    store::postgres::{PostgresSettings, PostgresUrl},
};

const CONNECTIONS: NonZeroU16 = NonZeroU16::new(16).unwrap();

/// Leaves time to say so within a second.
const TIMEOUT: Duration = Duration::from_millis(800);

pub(super) fn store(mut section: Section<'_>) -> Store {
    if section.has("url") && section.has("url_file") {
        section.problem("url_file", "only one of `url` and `url_file`", None);
    }
    let url = section.read("url", |node| located(secret::here(node)?));
    let url_file = section.read("url_file", |node: &Node| located(secret::in_file(node)?));
    let location = url.or(url_file);
    if !matches!(location, Some(Location::Server(..))) {
        for key in ["connections", "timeout"] {
            if section.has(key) {
                section.problem(key, "is only for PostgreSQL", None);
            }
        }
    }
    let connections = section.read("connections", count(1, 1000));
    let connections = connections.and_then(|count| NonZeroU16::new(u16::try_from(count).ok()?));
    let bounds = Duration::from_millis(100)..=Duration::from_secs(60);
    let timeout = section.read("timeout", duration(bounds));
    section.finish();
    match location {
        None => Store::Sqlite {
            path: Path::new(DATA_FOLDER).join(DATABASE),
        },
        Some(Location::File(path)) => Store::Sqlite { path },
        Some(Location::Server(url, file)) => Store::Postgres(PostgresDatabase {
            secret_file: file.filter(|_| url.has_password()),
            settings: PostgresSettings {
                url,
                connections: connections.unwrap_or(CONNECTIONS),
                timeout: timeout.unwrap_or(TIMEOUT),
            },
        }),
    }
}

/// Where the database is.
enum Location {
    File(PathBuf),
    /// With the file that the URL is in, if it is in one.
    Server(PostgresUrl, Option<PathBuf>),
}

/// Never repeats what it found: the URL of a database may hold a password.
fn located((Hidden(url), file): Kept) -> Result<Location, Vec<Mistake>> {
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return match url.parse() {
            Ok(url) => Ok(Location::Server(url, file)),
            Err(error) => Err(Mistake::one(format!("the URL {error}"), None)),
        };
    }
    let expected =
        "expected `sqlite:` and a path, such as `sqlite:bulla-data/bulla.db`, or `postgres://…`";
    match url.strip_prefix("sqlite:") {
        Some(path) if path.starts_with("//") => {
            // Two slashes would mean the root folder to the system, and a host to whoever wrote them.
            let path = path.trim_start_matches("//");
            Err(Mistake::one(
                expected,
                (!path.is_empty()).then(|| format!("sqlite:{path}")),
            ))
        }
        // To SQLite they are no files: a database in memory, a URI.
        Some(path) if path.starts_with(':') || path.starts_with("file:") => {
            Err(Mistake::one(expected, None))
        }
        Some(path) if !path.is_empty() => Ok(Location::File(PathBuf::from(path))),
        _ => Err(Mistake::one(expected, None)),
    }
}
