//! What was acknowledged is there afterwards, however the process ended. That a commit waits for
//! the disk itself is proved where the connection is opened, by its settings.

use std::{fs, path::Path};

use bulla_core::store::{AccountStore, SessionStore, Store, StoreError};
use bulla_test::builders;
use rusqlite::Connection;

use super::{add, open, step};

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_close_and_in_one_file() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let store = open(&path);
    let session = add(&store, "alice", 1).await;
    store.close();
    let files = fs::read_dir(root.path()).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["bulla.db", "bulla.db.lock"]);
    let (read, account) = open(&path).session(session.id).await.unwrap().unwrap();
    assert_eq!((read, account.id.as_str()), (session, "usr_alice"));
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_files_before_any_close() {
    let root = tempfile::tempdir().unwrap();
    let store = open(&root.path().join("bulla.db"));
    let mut session = add(&store, "alice", 1).await;
    for round in 1..20 {
        let step = step(&session, round);
        assert!(store.advance_session(&step).await.unwrap());
        session.generations = step.next;
        // The files as a kill at this moment would leave them.
        let copy = root.path().join(format!("copy-{round}"));
        copy_database(root.path(), &copy);
        let (read, _) = open(&copy.join("bulla.db"))
            .session(session.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(read.generations, session.generations);
    }
}

#[tokio::test]
async fn a_start_that_was_killed_halfway_does_not_hinder_the_next() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    for leftover in ["", "-wal", "-journal"] {
        let name = format!("bulla.db.new{leftover}");
        fs::write(root.path().join(name), "half a database").unwrap();
    }
    add(&open(&path), "alice", 1).await;
    let account = open(&path)
        .account(&builders::account_id("alice"))
        .await
        .unwrap();
    assert!(account.is_some());
}

#[tokio::test]
async fn a_closed_store_has_done_what_waited_and_answers_unavailable() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let store = open(&path);
    let session = add(&store, "alice", 1).await;
    let step = step(&session, 1);
    let mut waiting = std::pin::pin!(store.advance_session(&step));
    // One poll puts the job into the queue.
    tokio::select! {
        biased;
        _ = &mut waiting => {}
        () = std::future::ready(()) => {}
    }
    store.close();
    let refused = store.session(session.id).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    let refused = store.advance_session(&step).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    let (read, _) = open(&path).session(session.id).await.unwrap().unwrap();
    assert_eq!(read.generations, step.next);
}

fn copy_database(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for name in ["bulla.db", "bulla.db-wal"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[tokio::test]
async fn a_check_writes_and_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let store = open(&path);
    add(&store, "alice", 1).await;
    let other = Connection::open(&path).unwrap();
    let look = || -> (i64, i64, i64) {
        let pragma = |name| {
            other
                .pragma_query_value(None, name, |row| row.get(0))
                .unwrap()
        };
        (
            pragma("data_version"),
            pragma("application_id"),
            pragma("user_version"),
        )
    };
    let (before, application, schema) = look();
    store.check().await.unwrap();
    let (after, ..) = look();
    assert_ne!(
        after, before,
        "nothing was written: a full disk goes unnoticed"
    );
    assert_eq!(look(), (after, application, schema));
}
