//! `public_url`, `trusted_proxies`, `demo`, `[store]`, `[verification]`.

use std::path::{Path, PathBuf};

use bulla_guard::client::Cidr;

use crate::{
    config::{
        reader::{Mistake, Section, boolean, list, parsed, text},
        settings::{Store, Verification},
        tree::Node,
        values::{HttpOrigin, parse_cache_size, parse_network},
    },
    data_folder::{DATA_FOLDER, DATABASE},
};

/// Some ten thousand tokens.
const USUAL_CACHE: u64 = 64 << 20;

pub(super) fn public_url(top: &mut Section<'_>) -> Option<HttpOrigin> {
    top.read("public_url", parsed(str::parse))
}

pub(super) fn trusted_proxies(top: &mut Section<'_>) -> Vec<Cidr> {
    top.read("trusted_proxies", list(parsed(parse_network)))
        .unwrap_or_default()
}

pub(super) fn demo(top: &mut Section<'_>) -> Option<bool> {
    top.read("demo", boolean)
}

pub(super) fn store(mut section: Section<'_>) -> Store {
    let store = section.read("url", store_url);
    section.finish();
    store.unwrap_or_else(|| Store::Sqlite {
        path: Path::new(DATA_FOLDER).join(DATABASE),
    })
}

pub(super) fn verification(mut section: Section<'_>) -> Verification {
    let cache = section.read("cache", parsed(parse_cache_size));
    section.finish();
    Verification {
        cache: cache.unwrap_or(Some(USUAL_CACHE)),
    }
}

/// Never repeats what it found: the URL of a database may hold a password.
fn store_url(node: &Node) -> Result<Store, Vec<Mistake>> {
    let url = text(node)?;
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let message = "PostgreSQL is not supported by this version: expected `sqlite:PATH`";
        return Err(Mistake::one(message, None));
    }
    let expected = "expected `sqlite:` and a path, such as `sqlite:bulla-data/bulla.db`";
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
        Some(path) if !path.is_empty() => Ok(Store::Sqlite {
            path: PathBuf::from(path),
        }),
        _ => Err(Mistake::one(expected, None)),
    }
}
