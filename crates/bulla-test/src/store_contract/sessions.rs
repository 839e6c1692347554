//! Opening, reading and ending sessions.

use bulla_core::{
    account::Account,
    audit::AuditKind,
    revocation::{RevocationRecord, RevocationTarget},
    session::{EndReason, Generations, Session},
    store::{AccountChange, EndOutcome, SessionEnd, SessionStart, Store},
};

use super::{at, ended, stored_session, with_account, with_session};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_session_is_read_back_whole_with_its_account(&make().await).await;
    an_unknown_session_is_none(&make().await).await;
    no_session_opens_at_another_epoch(&make().await).await;
    no_session_opens_for_a_disabled_or_unknown_account(&make().await).await;
    the_oldest_sessions_end_beyond_the_cap(&make().await).await;
    ended_and_expired_sessions_do_not_count(&make().await).await;
    sessions_are_listed_the_newest_first(&make().await).await;
    a_session_ends_once(&make().await).await;
    a_session_that_moved_on_does_not_end_by_what_was_seen(&make().await).await;
    of_many_ends_at_once_one_is_the_end(&make().await).await;
}

async fn a_session_is_read_back_whole_with_its_account(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let mut session = builders::session(builders::session_id(7), &account.id, at(3));
    session.name = Some("Alice's \u{1f980}".to_owned());
    session.device.address = "2001:db8::1".parse().ok();
    session.generations = Generations {
        newest: 1 << 40,
        handed_out_at: at(2),
        settled: (1 << 40) - 1,
    };
    let records = store.create_session(&start(&session, &account, 10)).await;
    assert_eq!(records.expect("answers"), Some(vec![]));
    let read = store.session(session.id).await.expect("answers");
    assert_eq!(read, Some((session, account)));
}

async fn an_unknown_session_is_none(store: &impl Store) {
    with_session(store, "alice", 1).await;
    let read = store.session(builders::session_id(2)).await;
    assert_eq!(read.expect("answers"), None);
}

async fn no_session_opens_at_another_epoch(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let session = builders::session(builders::session_id(1), &account.id, at(1));
    for epoch in [account.epoch + 1, account.epoch + 7] {
        let mut other = start(&session, &account, 10);
        other.account_epoch = epoch;
        let refused = store.create_session(&other).await.expect("answers");
        assert_eq!(refused, None);
    }
    assert_eq!(store.session(session.id).await.expect("answers"), None);
    let opened = store.create_session(&start(&session, &account, 10)).await;
    assert_eq!(opened.expect("answers"), Some(vec![]));
}

async fn no_session_opens_for_a_disabled_or_unknown_account(store: &impl Store) {
    let mut account = with_account(store, "alice").await;
    account.disabled_at = Some(at(1));
    let change = AccountChange {
        account: account.clone(),
        revoke_until: None,
        end_sessions: None,
        keep_session: None,
    };
    let event = builders::event(at(1), AuditKind::AccountChanged, &account.id);
    let changed = store.change_account(&change, &event).await;
    assert!(changed.expect("answers").is_some());

    let unknown = builders::account("bob", at(0));
    for account in [&account, &unknown] {
        let session = builders::session(builders::session_id(1), &account.id, at(1));
        let refused = store.create_session(&start(&session, account, 10)).await;
        assert_eq!(refused.expect("answers"), None);
        assert_eq!(store.session(session.id).await.expect("answers"), None);
    }
}

async fn the_oldest_sessions_end_beyond_the_cap(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 9).await;
    let (second, records) = open(store, &account, 3, 1, 3).await;
    assert_eq!(records, []);
    let (third, records) = open(store, &account, 5, 2, 3).await;
    assert_eq!(records, []);
    let (fourth, records) = open(store, &account, 1, 3, 3).await;
    assert_eq!(targets(&records), [RevocationTarget::Session(first.id)]);
    let too_many = Some(ended(3, EndReason::TooMany));
    assert_eq!(stored_session(store, &first).await.ended, too_many);

    // A lower cap ends several at once, the oldest first.
    let (fifth, records) = open(store, &account, 8, 4, 2).await;
    let expected = [second, third].map(|session| RevocationTarget::Session(session.id));
    assert_eq!(targets(&records), expected);
    for live in [&fourth, &fifth] {
        assert_eq!(stored_session(store, live).await.ended, None);
    }
    let kept = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(kept.len(), 3);
}

async fn ended_and_expired_sessions_do_not_count(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 1).await;
    let (over, _) = open(store, &account, 2, 1, 2).await;
    end(store, &over, 2, EndReason::LoggedOut).await;
    let (_, records) = open(store, &account, 3, 3, 2).await;
    assert_eq!(records, []);
    assert_eq!(stored_session(store, &first).await.ended, None);
    // Both are past their absolute end by then.
    let month = 31 * 24 * 3600;
    let (_, records) = open(store, &account, 4, month, 1).await;
    assert_eq!(records, []);
}

async fn sessions_are_listed_the_newest_first(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 9).await;
    let (second, _) = open(store, &account, 3, 1, 10).await;
    let (third, _) = open(store, &account, 5, 2, 10).await;
    with_session(store, "bob", 1).await;
    end(store, &second, 4, EndReason::LoggedOut).await;
    let listed = store.sessions(&account.id).await.expect("answers");
    let ids: Vec<_> = listed.iter().map(|session| session.id).collect();
    assert_eq!(ids, [third.id, second.id, first.id]);
    assert_eq!(listed[1].ended, Some(ended(4, EndReason::LoggedOut)));
}

async fn a_session_ends_once(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let outcome = end(store, &session, 1, EndReason::LoggedOut).await;
    let EndOutcome::Ended(record) = outcome else {
        unreachable!("it was live, not {outcome:?}")
    };
    assert_eq!(record.target, RevocationTarget::Session(session.id));
    assert_eq!(record.until, at(901));
    let outcome = end(store, &session, 2, EndReason::Revoked).await;
    assert_eq!(outcome, EndOutcome::NotLive);
    let expected = Some(ended(1, EndReason::LoggedOut));
    assert_eq!(stored_session(store, &session).await.ended, expected);

    let unknown = builders::session(builders::session_id(2), &session.account, at(0));
    let outcome = end(store, &unknown, 2, EndReason::Revoked).await;
    assert_eq!(outcome, EndOutcome::NotLive);
    let kept = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(kept, [record]);
}

async fn a_session_that_moved_on_does_not_end_by_what_was_seen(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let mut ending = ending(&session, 1, EndReason::Theft);
    ending.seen = Some(Generations {
        newest: 2,
        ..session.generations
    });
    let outcome = store.end_session(&ending).await.expect("answers");
    assert_eq!(outcome, EndOutcome::Moved);
    assert_eq!(stored_session(store, &session).await, session);
    ending.seen = Some(session.generations);
    let outcome = store.end_session(&ending).await.expect("answers");
    assert!(matches!(outcome, EndOutcome::Ended(_)));
}

async fn of_many_ends_at_once_one_is_the_end(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let tasks =
        (0..20).map(|_| -> Task<'_, _> { Box::pin(end(store, &session, 1, EndReason::LoggedOut)) });
    let outcomes = join_all(tasks.collect()).await;
    let ends = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, EndOutcome::Ended(_)));
    assert_eq!(ends.count(), 1);
    let kept = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(kept.len(), 1);
}

/// Opens a session whose identity is 16 times `byte`, `seconds` after the first point in time.
pub(super) async fn open(
    store: &impl Store,
    account: &Account,
    byte: u8,
    seconds: i64,
    cap: u32,
) -> (Session, Vec<RevocationRecord>) {
    let session = builders::session(builders::session_id(byte), &account.id, at(seconds));
    let records = store.create_session(&start(&session, account, cap)).await;
    let records = records.expect("the store answers");
    (session, records.expect("the session opens"))
}

/// Ends a session, whatever its generations.
pub(super) async fn end(
    store: &impl Store,
    session: &Session,
    seconds: i64,
    reason: EndReason,
) -> EndOutcome {
    let end = ending(session, seconds, reason);
    store.end_session(&end).await.expect("the store answers")
}

pub(super) fn ending(session: &Session, seconds: i64, reason: EndReason) -> SessionEnd {
    SessionEnd {
        id: session.id,
        seen: None,
        ended: ended(seconds, reason),
        revoke_until: at(seconds + 900),
        event: builders::event(at(seconds), AuditKind::SessionEnded, &session.account),
    }
}

fn start(session: &Session, account: &Account, cap: u32) -> SessionStart {
    SessionStart {
        session: session.clone(),
        account_epoch: account.epoch,
        cap,
        revoke_until: session.created_at.after(super::T),
        event: builders::event(session.created_at, AuditKind::SessionOpened, &account.id),
    }
}

fn targets(records: &[RevocationRecord]) -> Vec<RevocationTarget> {
    records.iter().map(|record| record.target.clone()).collect()
}
