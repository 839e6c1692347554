//! A server that is stopped, killed or silent, and comes back.

use std::{num::NonZeroU16, os::unix::net::UnixListener, sync::Arc, time::Duration};

use bulla_core::{
    account::Account,
    audit::AuditKind,
    store::{AccountStore, Retention, SessionStore, Store, StoreError},
};
use bulla_server::store::postgres::PostgresStore;
use bulla_test::{PostgresServer, RecordedRevocations, builders};

use super::{add, at, open, settings, stranger, until, waiting};

/// A store on a server of its own that is given up after so long.
async fn store(server: &PostgresServer, patience: Duration) -> PostgresStore {
    let mut settings = settings(&server.database());
    settings.timeout = patience;
    open(&settings, Arc::new(RecordedRevocations::default())).await
}

async fn answers(store: &PostgresStore) -> bool {
    store.check().await.is_ok()
}

/// Whatever is asked is refused.
async fn is_lost(store: &PostgresStore, ada: &Account) {
    let unavailable = |refused: Result<(), StoreError>| {
        assert!(
            matches!(refused, Err(StoreError::Unavailable(_))),
            "{refused:?}"
        );
    };
    unavailable(store.check().await);
    unavailable(store.account(&ada.id).await.map(drop));
    let session = store.session(builders::session_id(1)).await;
    unavailable(session.map(drop));
    let event = builders::event(at(1), AuditKind::AccountDeleted, &ada.id);
    let deleted = store.delete_account(&ada.id, builders::term(at(1)), &event);
    unavailable(deleted.await.map(drop));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_stopped_is_lost_until_it_is_started() {
    let server = PostgresServer::start(&["fsync=off"]);
    let store = store(&server, Duration::from_secs(5)).await;
    let (ada, _) = add(&store, "ada", 1).await;
    for _ in 0..2 {
        server.stop();
        is_lost(&store, &ada).await;
        server.resume();
        until("the store", async || answers(&store).await).await;
        assert_eq!(store.account(&ada.id).await.unwrap(), Some(ada.clone()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_silent_is_lost_until_it_speaks() {
    let server = PostgresServer::start(&["fsync=off"]);
    let store = store(&server, Duration::from_secs(1)).await;
    let (ada, _) = add(&store, "ada", 1).await;
    server.freeze();
    is_lost(&store, &ada).await;
    server.go_on();
    until("the store", async || answers(&store).await).await;
    // What was not answered may have been done; it is whole then.
    let account = store.account(&ada.id).await.unwrap();
    let session = store.session(builders::session_id(1)).await.unwrap();
    assert_eq!(account.is_some(), session.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_kill_at_any_moment() {
    let server = Arc::new(PostgresServer::start(&[]));
    let store = Arc::new(store(&server, Duration::from_secs(5)).await);
    for round in 0..3 {
        let mut writing = tokio::task::JoinSet::new();
        for writer in 0..6 {
            let store = Arc::clone(&store);
            writing.spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let name = format!("r{round}w{writer}n{number}");
                    let account = builders::account(&name, at(0));
                    let creation = builders::creation(&account, None);
                    match store.create_account(&creation).await {
                        Ok(()) => acknowledged.push(account),
                        Err(_) => break,
                    }
                }
                acknowledged
            });
        }
        let first = builders::account(&format!("r{round}w0n5"), at(0));
        until("some writing", async || {
            matches!(store.account(&first.id).await, Ok(Some(_)))
        })
        .await;
        server.kill();
        let acknowledged = writing.join_all().await.concat();
        assert!(acknowledged.len() > 5, "{}", acknowledged.len());
        server.resume();
        until("the store", async || answers(&store).await).await;
        for account in acknowledged {
            let kept = store.account(&account.id).await.unwrap();
            assert_eq!(kept, Some(account));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_hosts_one_that_is_silent_or_gone_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let silent = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
    for host in [folder.path().to_owned(), folder.path().join("nothing")] {
        let host = host.display().to_string().replace('/', "%2F");
        let url = PostgresServer::shared().database();
        let url = url.replace("@%2F", &format!("@{host},%2F"));
        let mut settings = settings(&url);
        settings.timeout = Duration::from_secs(6);
        let store = open(&settings, Arc::new(RecordedRevocations::default())).await;
        let (ada, _) = add(&store, "ada", 1).await;
        assert_eq!(store.account(&ada.id).await.unwrap(), Some(ada));
    }
    drop(silent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_all_connections_in_use_whoever_comes_is_told_so() {
    let url = PostgresServer::shared().database();
    let mut settings = settings(&url);
    settings.connections = NonZeroU16::MIN;
    settings.timeout = Duration::from_secs(1);
    let store = Arc::new(open(&settings, Arc::new(RecordedRevocations::default())).await);
    let (ada, _) = add(&store, "ada", 1).await;
    let (mut holder, observer) = (stranger(&url).await, stranger(&url).await);
    let held = holder.transaction().await.unwrap();
    let lock = "SELECT 1 FROM audit_retention FOR UPDATE";
    held.batch_execute(lock).await.unwrap();

    let purging = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            let retention = Retention {
                ended_before: at(0),
                revoked_until: at(0),
                expired_before: at(0),
                recorded_before: Some(at(0)),
            };
            store.purge(retention, 1).await
        }
    });
    until("the only connection's use", async || {
        !waiting(&observer).await.is_empty()
    })
    .await;
    let refused = store.account(&ada.id).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    held.rollback().await.unwrap();
    assert_eq!(purging.await.unwrap().unwrap(), 0);
    assert_eq!(store.account(&ada.id).await.unwrap(), Some(ada));
}
