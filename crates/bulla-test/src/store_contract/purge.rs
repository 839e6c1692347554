//! Forgetting what is over.

use bulla_core::{
    audit::AuditFilter,
    session::EndReason,
    store::{Retention, Store},
};

use super::{at, links, stored_session, with_account, with_session};

/// A day past the absolute end of a session that was opened at the first point in time.
const AFTER_ALL: i64 = 31 * 24 * 3600;

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    sessions_that_ended_before_go(&make().await).await;
    sessions_past_their_absolute_end_go(&make().await).await;
    no_more_than_the_batch_go_at_once(&make().await).await;
    revocations_past_their_end_go_and_their_numbers_never_come_again(&make().await).await;
    links_that_expired_before_go(&make().await).await;
    events_go_only_if_they_are_told_to(&make().await).await;
}

/// Sessions that ended before then, and revocations until then; nothing else.
fn until(ended_before: i64, revoked_until: i64) -> Retention {
    Retention {
        ended_before: at(ended_before),
        revoked_until: at(revoked_until),
        expired_before: at(0),
        recorded_before: None,
    }
}

async fn links_that_expired_before_go(store: &impl Store) {
    let account = with_account(store, "alice").await;
    let (early, late) = (links::reset(&account, 1, 10), links::reset(&account, 2, 11));
    for link in [&early, &late] {
        store.add_link(link).await.expect("it is stored");
    }
    let retention = Retention {
        expired_before: at(11),
        ..until(0, 0)
    };
    let gone = store.purge(retention, 100).await;
    assert_eq!(gone.expect("answers"), 1);
    assert_eq!(store.link(early.id).await.expect("answers"), None);
    assert_eq!(store.link(late.id).await.expect("answers"), Some(late));
}

async fn events_go_only_if_they_are_told_to(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    super::sessions::end(store, &session, 5, EndReason::LoggedOut).await;
    let gone = store.purge(until(0, 0), 100).await;
    assert_eq!(gone.expect("answers"), 0);
    let retention = Retention {
        recorded_before: Some(at(1)),
        ..until(0, 0)
    };
    for expected in [1, 0] {
        let gone = store.purge(retention, 1).await;
        assert_eq!(gone.expect("answers"), expected);
    }
    let left = store
        .audit_events(&AuditFilter::of_account(&account.id), 10)
        .await
        .expect("answers");
    assert_eq!(left.len(), 1, "{left:?}");
}

async fn sessions_that_ended_before_go(store: &impl Store) {
    let (account, early) = with_session(store, "alice", 1).await;
    let (late, _) = super::sessions::open(store, &account, 2, 0, 10).await;
    let (live, _) = super::sessions::open(store, &account, 3, 0, 10).await;
    super::sessions::end(store, &early, 9, EndReason::LoggedOut).await;
    super::sessions::end(store, &late, 10, EndReason::LoggedOut).await;
    let gone = store.purge(until(10, 10), 100).await;
    assert_eq!(gone.expect("answers"), 1);
    assert_eq!(store.session(early.id).await.expect("answers"), None);
    assert!(stored_session(store, &late).await.ended.is_some());
    assert_eq!(stored_session(store, &live).await, live);
}

async fn sessions_past_their_absolute_end_go(store: &impl Store) {
    let (account, old) = with_session(store, "alice", 1).await;
    let (young, _) = super::sessions::open(store, &account, 2, AFTER_ALL, 10).await;
    let gone = store.purge(until(AFTER_ALL, AFTER_ALL), 100).await;
    assert_eq!(gone.expect("answers"), 1);
    assert_eq!(store.session(old.id).await.expect("answers"), None);
    assert_eq!(stored_session(store, &young).await, young);
}

async fn no_more_than_the_batch_go_at_once(store: &impl Store) {
    let account = with_account(store, "alice").await;
    for byte in 1..=5 {
        super::sessions::open(store, &account, byte, 0, 10).await;
    }
    for expected in [2, 2, 1, 0] {
        let gone = store.purge(until(AFTER_ALL, AFTER_ALL), 2).await;
        assert_eq!(gone.expect("answers"), expected);
    }
}

async fn revocations_past_their_end_go_and_their_numbers_never_come_again(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 1).await;
    let (second, _) = super::sessions::open(store, &account, 2, 0, 10).await;
    let (third, _) = super::sessions::open(store, &account, 3, 0, 10).await;
    super::sessions::end(store, &first, 1, EndReason::LoggedOut).await;
    super::sessions::end(store, &second, 2, EndReason::LoggedOut).await;
    // The first lasts until 901, the second until 902.
    let gone = store.purge(until(0, 901), 100).await;
    assert_eq!(gone.expect("answers"), 1);
    let gone = store.purge(until(0, 902), 100).await;
    assert_eq!(gone.expect("answers"), 1);
    super::sessions::end(store, &third, 3, EndReason::LoggedOut).await;
    let kept = store.revocations(0, at(0)).await.expect("answers");
    let sequences: Vec<u64> = kept.iter().map(|record| record.sequence).collect();
    assert_eq!(sequences, [3]);
}
