//! The audit log.

use bulla_core::{
    account::Account,
    audit::{Actor, AuditEvent, AuditFilter, AuditKind, AuditSubject},
    ids::ClientId,
    session::EndReason,
    store::Store,
};
use bulla_jose::jwk::KeyId;

use super::{at, events, term, with_account, with_session};
use crate::builders;

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    events_are_read_back_whole_the_newest_first(&make().await).await;
    every_kind_and_actor_is_read_back(&make().await).await;
    subjects_of_one_name_are_told_apart_by_their_kind(&make().await).await;
    a_filter_asks_for_all_that_it_says(&make().await).await;
    the_log_is_read_part_by_part(&make().await).await;
    a_deleted_account_leaves_its_events(&make().await).await;
    what_fails_leaves_no_event(&make().await).await;
}

async fn events_are_read_back_whole_the_newest_first(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    with_session(store, "bob", 2).await;
    let mut ending = super::sessions::ending(&session, 1, EndReason::LoggedOut);
    ending.event.session = Some(session.id);
    ending.event.address = "2001:db8::7".parse().ok();
    ending.event.detail = Some("too \"many\" \u{1f980}".to_owned());
    store.end_session(&ending).await.expect("answers");

    let created = builders::event(at(0), AuditKind::AccountCreated, &account.id);
    let expected = [ending.event.clone(), created];
    assert_eq!(events(store, &account, 10).await, expected);
    assert_eq!(events(store, &account, 1).await, [ending.event]);
}

async fn every_kind_and_actor_is_read_back(store: &impl Store) {
    let actors = [
        Actor::Owner,
        Actor::Administrator(builders::account_id("root")),
        Actor::CommandLine,
        Actor::System,
    ];
    for (number, kind) in AuditKind::ALL.into_iter().enumerate() {
        let account = builders::account(&format!("user{number}"), at(0));
        let event = AuditEvent {
            address: None,
            actor: actors[number % actors.len()].clone(),
            ..builders::event(at(0), kind, &account.id)
        };
        let all = [event.clone(), event];
        store.record(&all).await.expect("answers");
        assert_eq!(events(store, &account, 10).await, all);
    }
}

async fn subjects_of_one_name_are_told_apart_by_their_kind(store: &impl Store) {
    let account = builders::account_id("ada");
    let subjects = [
        AuditSubject::from(account.clone()),
        (&ClientId::new(account.as_str()).expect("an id")).into(),
        (&KeyId::new(account.as_str()).expect("an id")).into(),
    ];
    let event = builders::event(at(0), AuditKind::AccountChanged, &account);
    let event = |subject: &AuditSubject| AuditEvent {
        subject: subject.clone(),
        ..event.clone()
    };
    for subject in &subjects {
        store.record(&[event(subject)]).await.expect("answers");
    }
    for subject in &subjects {
        let filter = AuditFilter {
            subject: Some(subject.clone()),
            ..AuditFilter::default()
        };
        let records = store.audit_events(&filter, 10).await.expect("answers");
        let found: Vec<_> = records.into_iter().map(|record| record.event).collect();
        assert_eq!(found, [event(subject)]);
    }
}

async fn a_filter_asks_for_all_that_it_says(store: &impl Store) {
    let root = builders::account_id("root");
    for (name, administrator) in [("alice", None), ("bob", Some(&root)), ("carol", None)] {
        let account = builders::account(name, at(0));
        let mut creation = builders::creation(&account, None);
        if let Some(id) = administrator {
            creation.event.actor = Actor::Administrator(id.clone());
        }
        let created = store.create_account(&creation).await;
        created.expect("it is stored");
        let event = AuditEvent {
            kind: AuditKind::AccountDeleted,
            ..creation.event
        };
        let deleted = store.delete_account(&account.id, term(0), &event).await;
        assert!(deleted.expect("answers"));
    }
    let (alice, bob) = (builders::account_id("alice"), builders::account_id("bob"));
    let kind = Some(AuditKind::AccountDeleted);
    for (account, kind, administrator, expected) in [
        (None, None, None, &[6_u64, 5, 4, 3, 2, 1][..]),
        (Some(&alice), None, None, &[2, 1]),
        (None, kind, None, &[6, 4, 2]),
        (None, None, Some(&root), &[4, 3]),
        (Some(&bob), kind, Some(&root), &[4]),
        (Some(&alice), None, Some(&root), &[]),
        (None, None, Some(&alice), &[]),
    ] {
        let filter = AuditFilter {
            subject: account.cloned().map(AuditSubject::Account),
            kind,
            administrator: administrator.cloned(),
            before: None,
        };
        assert_eq!(numbers(store, &filter, 10).await, expected, "{filter:?}");
    }
}

async fn the_log_is_read_part_by_part(store: &impl Store) {
    for name in ["alice", "bob", "carol"] {
        with_account(store, name).await;
    }
    let mut filter = AuditFilter::default();
    assert_eq!(numbers(store, &filter, 2).await, [3, 2]);
    // What is recorded meanwhile moves nothing.
    with_account(store, "dave").await;
    filter.before = Some(2);
    assert_eq!(numbers(store, &filter, 2).await, [1]);
    filter.before = Some(1);
    assert_eq!(numbers(store, &filter, 2).await, [0; 0]);
    filter.before = Some(u64::MAX >> 1);
    assert_eq!(numbers(store, &filter, 1).await, [4]);
}

async fn numbers(store: &impl Store, filter: &AuditFilter, limit: u32) -> Vec<u64> {
    let records = store.audit_events(filter, limit).await.expect("answers");
    records.iter().map(|record| record.number).collect()
}

async fn a_deleted_account_leaves_its_events(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let event = builders::event(at(1), AuditKind::AccountDeleted, &account.id);
    let deleted = store.delete_account(&account.id, term(0), &event).await;
    assert!(deleted.expect("answers"));
    let recorded = events(store, &account, 10).await;
    assert_eq!(recorded.len(), 2);
    assert_eq!(recorded[0], event);
}

async fn what_fails_leaves_no_event(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let again = builders::creation(&account, None);
    assert!(store.create_account(&again).await.is_err());
    let mut moved = super::sessions::ending(&session, 1, EndReason::Theft);
    let mut other = session.generations;
    other.newest += 1;
    moved.seen = Some(other);
    store.end_session(&moved).await.expect("answers");
    let nobody = builders::account("nobody", at(0));
    assert_eq!(recorded(store, &account).await, 1);
    assert_eq!(recorded(store, &nobody).await, 0);
}

async fn recorded(store: &impl Store, account: &Account) -> usize {
    events(store, account, 10).await.len()
}
