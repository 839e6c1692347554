//! What `bulla doctor` says of a server that is not used as it is.

use std::net::TcpListener;

use bulla_server::{
    config::{PostgresDatabase, Store},
    doctor::{Finding, Report, examine, store_at_rest},
    store::postgres::UntouchedDatabase,
};
use bulla_test::PostgresServer;

use super::{new_store, settings};

async fn findings(url: &str) -> Vec<Finding> {
    let store = Store::Postgres(PostgresDatabase {
        settings: settings(url),
        secret_file: None,
    });
    let Report { areas, .. } = examine(vec![store_at_rest(&store)]).await;
    areas.into_iter().flat_map(|area| area.findings).collect()
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_the_reason() {
    let (url, _store) = new_store().await;
    assert_eq!(findings(&url).await, []);
    // It takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for (port, reason) in [(1, "refused"), (port, "it does not answer")] {
        let found = findings(&format!("postgres://bulla@127.0.0.1:{port}/bulla")).await;
        let [finding] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(finding.code.as_str(), "store_unusable");
        assert!(finding.detail.contains(reason), "{finding:?}");
    }
}

#[tokio::test]
async fn the_time_of_a_server_is_its_own() {
    let url = PostgresServer::shared().database().parse().unwrap();
    let database = UntouchedDatabase::glance(&url).await.unwrap();
    let earlier = database.time().await.unwrap();
    assert!(earlier.as_millis() > 1_700_000_000_000);
    assert!(database.time().await.unwrap() >= earlier);
}
