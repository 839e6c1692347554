//! The audit log.

use bulla_core::{
    audit::{AuditEvent, AuditKind},
    session::EndReason,
    store::Store,
};

use super::{at, term, with_account, with_session};
use crate::builders;

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    events_are_read_back_whole_the_newest_first(&make().await).await;
    every_kind_is_read_back(&make().await).await;
    a_deleted_account_leaves_its_events(&make().await).await;
    what_fails_leaves_no_event(&make().await).await;
}

async fn events_are_read_back_whole_the_newest_first(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    with_session(store, "bob", 2).await;
    let mut ending = super::sessions::ending(&session, 1, EndReason::LoggedOut);
    ending.event.session = Some(session.id);
    ending.event.address = "2001:db8::7".parse().ok();
    store.end_session(&ending).await.expect("answers");

    let created = builders::event(at(0), AuditKind::AccountCreated, &account.id);
    let expected = [ending.event.clone(), created];
    let read = store.audit_events(&account.id, 10).await.expect("answers");
    assert_eq!(read, expected);
    let read = store.audit_events(&account.id, 1).await.expect("answers");
    assert_eq!(read, [ending.event]);
}

async fn every_kind_is_read_back(store: &impl Store) {
    for (number, kind) in AuditKind::ALL.into_iter().enumerate() {
        let account = builders::account(&format!("user{number}"), at(0));
        let event = AuditEvent {
            address: None,
            ..builders::event(at(0), kind, &account.id)
        };
        let created = store.create_account(&account, None, &event).await;
        created.expect("it is stored");
        let read = store.audit_events(&account.id, 10).await.expect("answers");
        assert_eq!(read, [event]);
    }
}

async fn a_deleted_account_leaves_its_events(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let event = builders::event(at(1), AuditKind::AccountDeleted, &account.id);
    let deleted = store.delete_account(&account.id, term(0), &event).await;
    assert!(deleted.expect("answers"));
    let read = store.audit_events(&account.id, 10).await.expect("answers");
    assert_eq!(read.len(), 2);
    assert_eq!(read[0], event);
}

async fn what_fails_leaves_no_event(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let event = builders::event(at(1), AuditKind::AccountCreated, &account.id);
    let taken = store.create_account(&account, None, &event).await;
    assert!(taken.is_err());
    let mut moved = super::sessions::ending(&session, 1, EndReason::Theft);
    let mut other = session.generations;
    other.newest += 1;
    moved.seen = Some(other);
    store.end_session(&moved).await.expect("answers");
    let read = store.audit_events(&account.id, 10).await.expect("answers");
    assert_eq!(read.len(), 1);
}
