//! The audit log, to whoever has the database open.

use bulla_core::{
    audit::{Actor, AuditFilter, AuditKind},
    ids::AccountId,
    store::AuditStore,
};
use rusqlite::Connection;

use super::{add, open};

#[tokio::test]
async fn no_statement_changes_or_removes_an_event() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let store = open(&path);
    for byte in 1..=3 {
        add(&store, &format!("user{byte}"), byte).await;
    }
    let database = Connection::open(&path).unwrap();
    for statement in [
        "UPDATE audit_events SET subject = 'usr_other'",
        "UPDATE audit_events SET address = NULL WHERE number = 2",
        "DELETE FROM audit_events",
        "DELETE FROM audit_events WHERE number = 2",
        "REPLACE INTO audit_events (number, at, kind, actor, subject) VALUES (2, 0, 'session_ended', 'owner', 'usr_x')",
        "UPDATE OR REPLACE audit_events SET number = 1 WHERE number = 2",
    ] {
        let refused = database.execute(statement, []).unwrap_err();
        assert!(
            refused.to_string().contains("append-only"),
            "{statement}: {refused}"
        );
    }
    let kept = store.audit_events(&AuditFilter::default(), 10).await;
    assert_eq!(kept.unwrap().len(), 3);
}

#[tokio::test]
async fn only_events_from_before_what_is_kept_are_forgotten_and_no_number_comes_again() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let store = open(&path);
    add(&store, "user1", 1).await;
    let database = Connection::open(&path).unwrap();
    let keep = "UPDATE audit_retention SET kept_since = (SELECT max(at) FROM audit_events)";
    database.execute(keep, []).unwrap();
    let forget = "DELETE FROM audit_events";
    database.execute(forget, []).unwrap_err();
    let keep = "UPDATE audit_retention SET kept_since = kept_since + 1";
    database.execute(keep, []).unwrap();
    assert_eq!(database.execute(forget, []).unwrap(), 1);
    add(&store, "user2", 2).await;
    let records = store.audit_events(&AuditFilter::default(), 10).await;
    let numbers: Vec<_> = records
        .unwrap()
        .iter()
        .map(|record| record.number)
        .collect();
    assert_eq!(numbers, [2]);
}

#[tokio::test]
async fn events_from_before_actors_were_recorded_stay() {
    const FIRST: &str = include_str!("../../../src/store/sqlite/migrations/0001_first.sql");
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("bulla.db");
    let old = Connection::open(&path).unwrap();
    old.pragma_update(None, "journal_mode", "WAL").unwrap();
    old.execute_batch(FIRST).unwrap();
    old.execute_batch(
        "PRAGMA application_id = 0x42756C61; PRAGMA user_version = 1; \
         INSERT INTO audit_events (number, at, kind, account) VALUES (7, 1, 'session_opened', 'usr_ada')",
    )
    .unwrap();
    old.close().unwrap();
    let records = open(&path).audit_events(&AuditFilter::default(), 10).await;
    let records = records.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].number, 7);
    assert_eq!(records[0].event.kind, AuditKind::SessionOpened);
    assert_eq!(records[0].event.actor, Actor::Unrecorded);
    let ada = AccountId::new("usr_ada").unwrap();
    assert_eq!(records[0].event.subject, ada.into());
}
