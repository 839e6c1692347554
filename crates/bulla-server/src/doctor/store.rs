//! Accounts and sessions.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use bulla_core::store::{Store, StoreError};

use super::{
    Area, Check, Code, Finding,
    check::{Seen, on_a_thread},
};
use crate::{
    config,
    store::{
        postgres::{self, PostgresUrl},
        sqlite::{OpenError, UntouchedDatabase},
    },
};

/// For reading every page: 4 ms per MiB.
const PATIENCE: Duration = Duration::from_secs(4);

/// Many times what a log grows to if nobody reads for long.
const LARGE_LOG: u64 = 256 << 20;

/// A database that no store of this process has open.
#[must_use]
pub fn store_at_rest(store: &config::Store) -> Check {
    match store {
        config::Store::Sqlite { path } => file(path.clone()),
        config::Store::Postgres(database) => server(database.settings.url.clone()),
    }
}

fn file(path: PathBuf) -> Check {
    Check::blocking(Area::Store, move || {
        match UntouchedDatabase::at_rest(&path) {
            Ok(Some(mut database)) => look(&mut database, PATIENCE),
            Ok(None) => {
                let detail = format!("there is no {}", path.display());
                let finding = Finding::new(Code::StoreMissing, detail.clone());
                (detail, vec![finding])
            }
            Err(error) => unusable(&error),
        }
    })
}

fn server(url: PostgresUrl) -> Check {
    Check::new(Area::Store, async move {
        let mut findings = Vec::new();
        let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
        let seen = format!("PostgreSQL, {url}");
        match postgres::UntouchedDatabase::glance(&url).await {
            Ok(database) if database.is_older() => {
                find(Code::StoreOlder, "its schema is an older one".to_owned());
            }
            Ok(database) if database.is_initialized() => {}
            Ok(_) => find(Code::StoreMissing, format!("there is nothing in {url}")),
            Err(error) => {
                find(Code::StoreUnusable, error.to_string());
                return ("it cannot be used".to_owned(), findings);
            }
        }
        (seen, findings)
    })
}

/// A store that answers requests.
#[must_use]
pub fn running_store(store: Arc<dyn Store>, kept: &config::Store) -> Check {
    let file = match kept {
        config::Store::Sqlite { path } => Some(path.clone()),
        config::Store::Postgres(_) => None,
    };
    Check::new(Area::Store, async move {
        let begun = Instant::now();
        if let Err(error) = store.check().await {
            return unavailable(&error);
        }
        let took = begun.elapsed();
        let Some(file) = file else {
            return (
                format!("PostgreSQL, it answers after {took:.1?}"),
                Vec::new(),
            );
        };
        let looked = on_a_thread(move || match UntouchedDatabase::in_use(&file) {
            Ok(mut database) => look(&mut database, PATIENCE),
            Err(error) => unusable(&error),
        });
        let (seen, findings) = looked.await;
        (format!("{seen}, it answers after {took:.1?}"), findings)
    })
}

fn look(database: &mut UntouchedDatabase, patience: Duration) -> Seen {
    let mut findings = Vec::new();
    let mut find = |code, detail: String| findings.push(Finding::new(code, detail));
    if database.is_older() {
        find(Code::StoreOlder, "its schema is an older one".to_owned());
    }
    let log = database.log_size();
    if log > LARGE_LOG {
        let detail = format!("its write-ahead log has {} MiB", log >> 20);
        find(Code::StoreLogLarge, detail);
    }
    let size = database.size() >> 20;
    match database.check(patience) {
        Ok(true) => {}
        Ok(false) => {
            let seconds = patience.as_secs();
            let detail = format!("its {size} MiB could not all be read in {seconds} seconds");
            find(Code::StoreUnchecked, detail);
        }
        Err(error) => find(Code::StoreUnusable, error.to_string()),
    }
    (format!("SQLite, {size} MiB"), findings)
}

fn unusable(error: &OpenError) -> Seen {
    let finding = Finding::new(Code::StoreUnusable, error.to_string());
    ("it cannot be used".to_owned(), vec![finding])
}

fn unavailable(error: &StoreError) -> Seen {
    let finding = Finding::new(Code::StoreUnavailable, error.to_string());
    ("it does not answer".to_owned(), vec![finding])
}
