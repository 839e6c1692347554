//! Ending all sessions, whosever they are.

use bulla_core::{
    audit::{Actor, AuditFilter, AuditSubject},
    revocation::RevocationTarget,
    session::{EndReason, refresh_token::RefreshKeyVersion},
    store::{AllSessionsEnd, Store},
};

use super::{
    at, ended, events,
    sessions::{end, open},
    stored_session, term, with_session,
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    those_that_had_not_ended_end_and_are_revoked(&make().await).await;
    each_end_is_recorded_and_then_the_end_of_all(&make().await).await;
    refresh_tokens_are_of_the_next_version(&make().await).await;
}

/// The end of all sessions, so many seconds after the first point in time.
pub(super) fn ending_everybodys(seconds: i64) -> AllSessionsEnd {
    AllSessionsEnd {
        ended: ended(seconds, EndReason::Revoked),
        revoke: term(seconds),
        actor: Actor::CommandLine,
        address: None,
    }
}

async fn those_that_had_not_ended_end_and_are_revoked(store: &impl Store) {
    let (alice, first) = with_session(store, "alice", 1).await;
    let (over, _) = open(store, &alice, 2, 1, 10).await;
    let (_, second) = with_session(store, "bob", 3).await;
    end(store, &over, 3, EndReason::LoggedOut).await;
    let ending = ending_everybodys(4);
    assert_eq!(store.end_all_sessions(&ending).await.expect("answers"), 2);
    for (session, end) in [
        (&first, ending.ended),
        (&second, ending.ended),
        (&over, ended(3, EndReason::LoggedOut)),
    ] {
        assert_eq!(stored_session(store, session).await.ended, Some(end));
    }
    let records = store.revocations(1, at(0)).await.expect("answers");
    let mut revoked: Vec<_> = records.into_iter().map(|record| record.target).collect();
    for session in [&first, &second] {
        let target = RevocationTarget::Session(session.id);
        assert!(revoked.contains(&target));
        revoked.retain(|revoked| *revoked != target);
    }
    assert_eq!(revoked, []);
}

async fn each_end_is_recorded_and_then_the_end_of_all(store: &impl Store) {
    let ending = ending_everybodys(4);
    let mut expected = Vec::new();
    for (name, byte) in [("alice", 1), ("bob", 2)] {
        let (account, session) = with_session(store, name, byte).await;
        expected.push((account.clone(), ending.event_of(account.id, session.id)));
    }
    store.end_all_sessions(&ending).await.expect("answers");
    for (account, event) in expected {
        assert_eq!(events(store, &account, 1).await, [event]);
    }
    let filter = AuditFilter {
        subject: Some(AuditSubject::Store),
        ..AuditFilter::default()
    };
    let of_store = store.audit_events(&filter, 9).await.expect("answers");
    let of_store: Vec<_> = of_store.into_iter().map(|record| record.event).collect();
    assert_eq!(of_store, [ending.event()]);
}

async fn refresh_tokens_are_of_the_next_version(store: &impl Store) {
    let (alice, session) = with_session(store, "alice", 1).await;
    let first = store.refresh_key_version().await.expect("answers");
    assert_eq!(first, RefreshKeyVersion::FIRST);
    // With nothing left to end, too.
    for (number, count) in [(2, 1), (3, 0)] {
        let ended = store.end_all_sessions(&ending_everybodys(4)).await;
        assert_eq!(ended.expect("answers"), count);
        let version = store.refresh_key_version().await.expect("answers");
        assert_eq!(version.number(), number);
        let found = store.session_to_refresh(session.id).await.expect("answers");
        let seen = found.map(|found| (found.session.id, found.account.id, found.key_version));
        assert_eq!(seen, Some((session.id, alice.id.clone(), version)));
    }
}
