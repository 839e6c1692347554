//! The SQLite store: the contract, and what only a file can go through.

mod append_only;
mod durability;
mod failures;
mod postgres;
mod refusals;
mod restore;
mod untouched;

use std::{cell::Cell, path::Path, sync::Arc};

use bulla_core::{
    account::Account,
    session::{Generations, Session},
    store::{AccountStore, SessionAdvance},
    time::Timestamp,
};
use bulla_server::store::sqlite::{OpenError, SqliteStore};
use bulla_test::{RecordedRevocations, builders, store_contract};

#[tokio::test]
async fn the_contract_of_every_store_holds() {
    let root = tempfile::tempdir().unwrap();
    let made = Cell::new(0);
    store_contract::all(async |sink| {
        made.set(made.get() + 1);
        let path = root.path().join(format!("{}.db", made.get()));
        SqliteStore::open(&path, sink).unwrap()
    })
    .await;
}

fn open(path: &Path) -> SqliteStore {
    try_open(path).unwrap()
}

/// Opens a store whose revocations nobody heeds.
fn try_open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, Arc::new(RecordedRevocations::default()))
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// Stores the account of this name with a session.
async fn add(store: &SqliteStore, name: &str, byte: u8) -> Session {
    let account = builders::account(name, at(0));
    let session = builders::session(builders::session_id(byte), &account.id, at(0));
    create(store, &account, &session).await.unwrap();
    session
}

async fn create(
    store: &SqliteStore,
    account: &Account,
    session: &Session,
) -> Result<(), bulla_core::store::CreateAccountError> {
    let creation = builders::creation(account, Some(session));
    store.create_account(&creation).await
}

/// The step to the generation after the one in `session`.
fn step(session: &Session, seconds: i64) -> SessionAdvance {
    SessionAdvance {
        id: session.id,
        seen: session.generations,
        next: Generations {
            newest: session.generations.newest + 1,
            handed_out_at: at(seconds),
            settled: session.generations.newest,
        },
        used_at: at(seconds),
        device: session.device.clone(),
        events: Vec::new(),
    }
}
