//! Ending sessions.

use bulla_core::{
    audit::AuditEvent,
    revocation::RevocationTarget,
    session::{EndReason, Generations},
    store::Store,
};

use super::{
    at, ended, events,
    sessions::{end, ending, ending_all, open},
    stored_session, with_session,
};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    a_session_ends_once(&make().await).await;
    a_session_that_moved_on_does_not_end_by_what_was_seen(&make().await).await;
    of_many_ends_at_once_one_is_the_end(&make().await).await;
    all_sessions_of_an_account_end_at_once(&make().await).await;
    all_sessions_end_but_the_one_that_is_kept(&make().await).await;
}

async fn a_session_ends_once(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    assert!(end(store, &session, 1, EndReason::LoggedOut).await);
    assert!(!end(store, &session, 2, EndReason::Revoked).await);
    let expected = Some(ended(1, EndReason::LoggedOut));
    assert_eq!(stored_session(store, &session).await.ended, expected);

    let unknown = builders::session(builders::session_id(2), &session.account, at(0));
    assert!(!end(store, &unknown, 2, EndReason::Revoked).await);
    let kept = store.revocations(0, at(0)).await.expect("answers");
    let [record] = &kept[..] else {
        unreachable!("one record, not {kept:?}")
    };
    assert_eq!(record.target, RevocationTarget::Session(session.id));
    assert_eq!(record.until, at(901));
}

async fn a_session_that_moved_on_does_not_end_by_what_was_seen(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let mut ending = ending(&session, 1, EndReason::Theft);
    ending.seen = Some(Generations {
        newest: 2,
        ..session.generations
    });
    assert!(!store.end_session(&ending).await.expect("answers"));
    assert_eq!(stored_session(store, &session).await, session);
    ending.seen = Some(session.generations);
    assert!(store.end_session(&ending).await.expect("answers"));
}

async fn of_many_ends_at_once_one_is_the_end(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let tasks =
        (0..20).map(|_| -> Task<'_, _> { Box::pin(end(store, &session, 1, EndReason::LoggedOut)) });
    let ends = join_all(tasks.collect()).await;
    assert_eq!(ends.iter().filter(|ended| **ended).count(), 1);
    let kept = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(kept.len(), 1);
}

async fn all_sessions_of_an_account_end_at_once(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 9).await;
    let (second, _) = open(store, &account, 3, 1, 10).await;
    let (over, _) = open(store, &account, 5, 2, 10).await;
    let (_, of_bob) = with_session(store, "bob", 1).await;
    end(store, &over, 3, EndReason::LoggedOut).await;
    let ending = ending_all(&account, 4);
    assert_eq!(store.end_sessions(&ending).await.expect("answers"), 2);
    for session in [&first, &second] {
        let ended = stored_session(store, session).await.ended;
        assert_eq!(ended, Some(ending.ended));
    }
    let before = stored_session(store, &over).await.ended;
    assert_eq!(before, Some(ended(3, EndReason::LoggedOut)));
    assert_eq!(stored_session(store, &of_bob).await, of_bob);

    // One record and one event for each that ended, and none for the one that had ended before.
    let records = store.revocations(1, at(0)).await.expect("answers");
    let mut revoked: Vec<_> = records.iter().map(|record| record.target.clone()).collect();
    assert!(records.iter().all(|record| record.until == at(904)));
    let mut recorded = events(store, &account, 2).await;
    for session in [&first, &second] {
        let target = RevocationTarget::Session(session.id);
        revoked.retain(|revoked| *revoked != target);
        let event = AuditEvent {
            session: Some(session.id),
            ..ending.event.clone()
        };
        recorded.retain(|recorded| *recorded != event);
    }
    assert_eq!((revoked, recorded), (vec![], vec![]));
    assert_eq!(store.end_sessions(&ending).await.expect("answers"), 0);
}

async fn all_sessions_end_but_the_one_that_is_kept(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 9).await;
    let (kept, _) = open(store, &account, 3, 1, 10).await;
    let mut ending = ending_all(&account, 4);
    ending.keep = Some(kept.id);
    assert_eq!(store.end_sessions(&ending).await.expect("answers"), 1);
    assert_eq!(stored_session(store, &kept).await, kept);
    let ended = stored_session(store, &first).await.ended;
    assert_eq!(ended, Some(ending.ended));
}
