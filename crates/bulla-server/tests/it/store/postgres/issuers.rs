//! Several issuers on one database.

use std::{num::NonZeroU16, sync::Arc};

use bulla_core::{
    audit::AuditKind,
    ports::Clock,
    session::{EndReason, Ended, Session},
    store::{AccountStore, SessionEnd, SessionStore},
};
use bulla_server::store::postgres::PostgresStore;
use bulla_test::{PostgresServer, RecordedRevocations, builders, store_contract};

use super::{add, at, open, settings, stranger, until, waiting};

/// Ends a session at an issuer.
pub(super) async fn end(store: &PostgresStore, session: &Session) {
    let end = SessionEnd {
        id: session.id,
        seen: None,
        ended: Ended {
            at: at(1),
            reason: EndReason::LoggedOut,
        },
        revoke: builders::term(at(1)),
        event: builders::event(at(1), AuditKind::SessionEnded, &session.account),
    };
    assert!(store.end_session(&end).await.unwrap());
}

pub(super) async fn issuer(url: &str) -> (PostgresStore, Arc<RecordedRevocations>) {
    let heeded = Arc::new(RecordedRevocations::default());
    let store = open(&settings(url), heeded.clone()).await;
    (store, heeded)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_of_two_issuers_holds() {
    store_contract::of_two_issuers(async || {
        let url = PostgresServer::shared().database();
        // At once: one of them makes the schema.
        let (first, second) = tokio::join!(issuer(&url), issuer(&url));
        [first, second]
    })
    .await;
}

#[tokio::test]
async fn what_one_revokes_reaches_the_others_unasked() {
    let url = PostgresServer::shared().database();
    let (first, _) = issuer(&url).await;
    let (_second, heeded) = issuer(&url).await;
    for byte in 1..=3 {
        let (_, session) = add(&first, &format!("user{byte}"), byte).await;
        end(&first, &session).await;
        until("the news", async || heeded.hits_session(session.id)).await;
    }
    let sequences = heeded.records().into_iter().map(|record| record.sequence);
    assert!(sequences.eq(1..=3));
}

#[tokio::test]
async fn what_another_revokes_is_heeded_while_all_connections_are_in_use() {
    let url = PostgresServer::shared().database();
    let (first, _) = issuer(&url).await;
    let heeded = Arc::new(RecordedRevocations::default());
    let mut settings = settings(&url);
    settings.connections = NonZeroU16::MIN;
    let second = Arc::new(open(&settings, heeded.clone()).await);
    let (ada, _) = add(&first, "ada", 1).await;
    let (_, session) = add(&first, "bob", 2).await;
    let (mut holder, observer) = (stranger(&url).await, stranger(&url).await);
    let held = holder.transaction().await.unwrap();
    held.batch_execute("SELECT 1 FROM accounts WHERE id = 'usr_ada' FOR UPDATE")
        .await
        .unwrap();
    let deleting = tokio::spawn(async move {
        let event = builders::event(at(1), AuditKind::AccountDeleted, &ada.id);
        let deleted = second.delete_account(&ada.id, builders::term(at(1)), &event);
        deleted.await.unwrap()
    });
    until("the only connection's use", async || {
        !waiting(&observer).await.is_empty()
    })
    .await;
    end(&first, &session).await;
    until("the news", async || heeded.hits_session(session.id)).await;
    assert!(!deleting.is_finished());
    held.rollback().await.unwrap();
    assert!(deleting.await.unwrap());
}

#[tokio::test]
async fn the_time_is_the_databases() {
    let url = PostgresServer::shared().database();
    let (store, _) = issuer(&url).await;
    let client = stranger(&url).await;
    let now = async || -> i64 {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        client.query_one(sql, &[]).await.unwrap().get(0)
    };
    // The measurement may be off by as long as it took, which is what the database waits here.
    let (before, told, after) = (now().await, store.clock().now().as_millis(), now().await);
    assert!(
        (before - 2000..=after + 2000).contains(&told),
        "{before} {told} {after}"
    );
}
