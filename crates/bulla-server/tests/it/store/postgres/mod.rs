//! PostgreSQL: the contract, and what only a server can go through.

mod append_only;
mod audit;
mod doctor;
mod failover;
mod issuers;
mod locks;
mod outage;
mod refusals;
mod tls;

use std::{num::NonZeroU16, sync::Arc, time::Duration};

use bulla_core::{
    account::Account,
    audit::AuditKind,
    ports::RevocationSink,
    session::Session,
    store::{AccountChange, AccountStore},
};
use bulla_server::store::postgres::{PostgresSettings, PostgresStore, UntouchedDatabase};
use bulla_test::{PostgresServer, RecordedRevocations, builders, store_contract};
use tokio_postgres::{Client, NoTls};

use super::at;

/// Longer than the usual one: what is tried here is not how fast this machine is.
const PATIENT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_of_every_store_holds() {
    store_contract::all(async |sink| {
        let settings = settings(&PostgresServer::shared().database());
        open(&settings, sink).await
    })
    .await;
}

fn settings(url: &str) -> PostgresSettings {
    PostgresSettings {
        url: url.parse().unwrap(),
        connections: NonZeroU16::new(8).unwrap(),
        timeout: PATIENT,
    }
}

async fn open(settings: &PostgresSettings, sink: Arc<dyn RevocationSink>) -> PostgresStore {
    let database = UntouchedDatabase::reach(&settings.url).await.unwrap();
    PostgresStore::open(database, settings, sink).await.unwrap()
}

/// A store of a new database.
async fn new_store() -> (String, PostgresStore) {
    let url = PostgresServer::shared().database();
    let store = open(&settings(&url), Arc::new(RecordedRevocations::default())).await;
    (url, store)
}

/// A connection of somebody else.
async fn stranger(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
        .batch_execute("SET search_path = bulla")
        .await
        .unwrap();
    client
}

/// Stores the account of this name with a session.
async fn add(store: &PostgresStore, name: &str, byte: u8) -> (Account, Session) {
    let account = builders::account(name, at(0));
    let session = builders::session(builders::session_id(byte), &account.id, at(0));
    let creation = builders::creation(&account, Some(&session));
    store.create_account(&creation).await.unwrap();
    (account, session)
}

/// Waits for what comes by itself.
async fn until(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let waited = async {
        while !happened().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), waited).await;
    assert!(waited.is_ok(), "waited a minute for {what}");
}

/// A change to this account that does nothing else.
fn changed(account: Account) -> AccountChange {
    AccountChange {
        event: builders::event(at(1), AuditKind::AccountChanged, &account.id),
        account,
        revoke: None,
        end_sessions: None,
        keep_session: None,
    }
}

/// The transactions that wait for a lock now, by their beginnings.
async fn waiting(observer: &Client) -> Vec<String> {
    let sql = "SELECT xact_start::text FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let rows = observer.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
