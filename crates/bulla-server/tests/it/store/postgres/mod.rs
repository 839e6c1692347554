//! PostgreSQL: the contract, and what only a server can go through.

use std::{num::NonZeroU16, sync::Arc, time::Duration};

use bulla_core::ports::RevocationSink;
use bulla_server::store::postgres::{PostgresSettings, PostgresStore, UntouchedDatabase};
use bulla_test::{PostgresServer, store_contract};

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
