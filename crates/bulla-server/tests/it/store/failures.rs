//! Many at once, some of whom fail.

use std::sync::Arc;

use bulla_core::{
    audit::AuditFilter,
    store::{AccountStore, AuditStore, SessionStore},
};
use bulla_test::builders;

use super::{add, at, create, open, step};

#[tokio::test]
async fn a_job_that_fails_leaves_nothing_and_spares_those_committed_with_it() {
    let root = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&root.path().join("bulla.db")));
    add(&store, "alice", 0).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=100_u8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let account = builders::account(&format!("user{number}"), at(0));
            // Every third account comes with a session that there is already.
            let byte = if number % 3 == 0 { 0 } else { number };
            let session = builders::session(builders::session_id(byte), &account.id, at(0));
            let created = create(&store, &account, &session).await;
            (account.id, byte, created.is_ok())
        });
    }
    for (id, byte, created) in tasks.join_all().await {
        assert_eq!(created, byte != 0, "{id}");
        assert_eq!(store.account(&id).await.unwrap().is_some(), created, "{id}");
        assert_eq!(
            store.sessions(&id, 10).await.unwrap().len(),
            usize::from(created),
            "{id}"
        );
        assert_eq!(
            store
                .audit_events(&AuditFilter::of_account(&id), 10)
                .await
                .unwrap()
                .len(),
            usize::from(created),
            "{id}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_advance_a_session_at_once_one_wins() {
    let root = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&root.path().join("bulla.db")));
    let mut session = add(&store, "alice", 1).await;
    for round in 1..=20 {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let store = Arc::clone(&store);
            let step = step(&session, round);
            tasks.spawn(async move { store.advance_session(&step).await.unwrap() });
        }
        let won = tasks
            .join_all()
            .await
            .into_iter()
            .filter(|won| *won)
            .count();
        assert_eq!(won, 1);
        session.generations = step(&session, round).next;
    }
}
