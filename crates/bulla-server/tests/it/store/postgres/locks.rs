//! What others hold.

use std::{sync::Arc, time::Duration};

use bulla_core::{
    account::Account,
    audit::AuditKind,
    store::{
        AccountImport, AccountOutcome, AccountStore, ImportEntry, ImportOutcome, ImportStore,
        StoreError,
    },
};
use bulla_test::{PostgresServer, RecordedRevocations, builders};
use tokio_postgres::Client;

use super::{add, at, changed, new_store, open, settings, stranger, until, waiting};

/// The store's connections.
async fn connections(observer: &Client) -> Vec<i32> {
    let sql = "SELECT pid FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = 'bulla' ORDER BY pid";
    let rows = observer.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn a_job_that_waited_for_a_lock_in_vain_is_done_again() {
    let url = PostgresServer::shared().database();
    let mut settings = settings(&url);
    // It waits for a lock for half of that at a time.
    settings.timeout = Duration::from_secs(3);
    let store = open(&settings, Arc::new(RecordedRevocations::default())).await;
    let (ada, _) = add(&store, "ada", 1).await;
    let (mut holder, observer) = (stranger(&url).await, stranger(&url).await);
    let held = holder.transaction().await.unwrap();
    held.batch_execute("SELECT 1 FROM accounts FOR UPDATE")
        .await
        .unwrap();

    let id = ada.id.clone();
    let changing = tokio::spawn(async move {
        let raise = |before: &Account| {
            Some(changed(Account {
                epoch: before.epoch + 1,
                ..before.clone()
            }))
        };
        (store.change_account(&id, Box::new(raise)).await, store)
    });
    let mut first = Vec::new();
    until("the job", async || {
        first = waiting(&observer).await;
        !first.is_empty()
    })
    .await;
    until("its repetition", async || {
        let second = waiting(&observer).await;
        !second.is_empty() && second != first
    })
    .await;
    held.rollback().await.unwrap();
    let (changed, _store) = changing.await.unwrap();
    assert!(
        matches!(changed, Ok(AccountOutcome::Changed(_))),
        "{changed:?}"
    );
}

#[tokio::test]
async fn a_lock_that_is_never_given_back_is_unavailable_and_nothing_is_written() {
    let url = PostgresServer::shared().database();
    let mut settings = settings(&url);
    settings.timeout = Duration::from_secs(2);
    let store = open(&settings, Arc::new(RecordedRevocations::default())).await;
    let (ada, _) = add(&store, "ada", 1).await;
    let both = (store.account(&ada.id), store.account(&ada.id));
    let _ = tokio::join!(both.0, both.1);
    let (mut holder, observer) = (stranger(&url).await, stranger(&url).await);
    let before = connections(&observer).await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("SELECT 1 FROM accounts FOR UPDATE")
        .await
        .unwrap();
    let event = builders::event(at(1), AuditKind::AccountDeleted, &ada.id);
    let deleted = store
        .delete_account(&ada.id, builders::term(at(1)), &event)
        .await;
    assert!(
        matches!(deleted, Err(StoreError::Unavailable(_))),
        "{deleted:?}"
    );
    // The server has answered: all connections are as good as before.
    assert_eq!(connections(&observer).await, before);
    held.rollback().await.unwrap();
    assert!(store.account(&ada.id).await.unwrap().is_some());
    let deleted = store
        .delete_account(&ada.id, builders::term(at(1)), &event)
        .await;
    assert!(deleted.unwrap());
}

#[tokio::test]
async fn whom_somebody_is_deleting_is_not_imported_under_the_revocation_that_this_leaves() {
    let (url, store) = new_store().await;
    let store = Arc::new(store);
    let (ada, _) = add(&store, "ada", 1).await;
    let (bob, _) = add(&store, "bob", 2).await;
    let (mut holder, observer) = (stranger(&url).await, stranger(&url).await);
    let held = holder.transaction().await.unwrap();
    let lock = "SELECT 1 FROM revocation_head FOR UPDATE";
    held.batch_execute(lock).await.unwrap();
    let deleting = tokio::spawn({
        let (store, id) = (Arc::clone(&store), ada.id.clone());
        let event = builders::event(at(1), AuditKind::AccountDeleted, &id);
        async move {
            store
                .delete_account(&id, builders::term(at(1)), &event)
                .await
        }
    });
    until("the deletion", async || waiting(&observer).await.len() == 1).await;
    let entry = |account: &Account| ImportEntry {
        account: account.clone(),
        created: builders::event(at(1), AuditKind::AccountCreated, &account.id),
        password_added: builders::event(at(1), AuditKind::PasswordChanged, &account.id),
    };
    let import = AccountImport {
        accounts: vec![entry(&bob), entry(&ada)],
        now: at(1),
        rehearsal: false,
    };
    let importing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.import_accounts(&import).await }
    });
    until("the import", async || waiting(&observer).await.len() == 2).await;
    held.rollback().await.unwrap();
    assert!(deleting.await.unwrap().unwrap());

    let imported = importing.await.unwrap().unwrap();
    let [ImportOutcome::Present, ImportOutcome::Deleted { until }] = imported[..] else {
        panic!("{imported:?}");
    };
    assert!(until > at(1));
    assert_eq!(store.account(&ada.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_start_waits_for_a_database_that_answers_too_late() {
    let (url, store) = new_store().await;
    store.close().await;
    let (mut holder, observer) = (stranger(&url).await, stranger(&url).await);
    let held = holder.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE signing_keys").await.unwrap();
    let mut settings = settings(&url);
    settings.timeout = Duration::from_millis(500);
    let opening =
        tokio::spawn(
            async move { open(&settings, Arc::new(RecordedRevocations::default())).await },
        );
    let mut first = Vec::new();
    until("a look", async || {
        first = waiting(&observer).await;
        !first.is_empty()
    })
    .await;
    until("another look", async || {
        let second = waiting(&observer).await;
        !second.is_empty() && second != first
    })
    .await;
    assert!(!opening.is_finished());
    held.rollback().await.unwrap();
    add(&opening.await.unwrap(), "ada", 1).await;
}
