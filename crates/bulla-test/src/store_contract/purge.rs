//! Forgetting what is over.

use bulla_core::{session::EndReason, store::Store};

use super::{at, stored_session, with_account, with_session};

/// A day past the absolute end of a session that was opened at the first point in time.
const AFTER_ALL: i64 = 31 * 24 * 3600;

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    sessions_that_ended_before_go(&make().await).await;
    sessions_past_their_absolute_end_go(&make().await).await;
    no_more_than_the_batch_go_at_once(&make().await).await;
    revocations_past_their_end_go_and_their_numbers_never_come_again(&make().await).await;
}

async fn sessions_that_ended_before_go(store: &impl Store) {
    let (account, early) = with_session(store, "alice", 1).await;
    let (late, _) = super::sessions::open(store, &account, 2, 0, 10).await;
    let (live, _) = super::sessions::open(store, &account, 3, 0, 10).await;
    super::sessions::end(store, &early, 9, EndReason::LoggedOut).await;
    super::sessions::end(store, &late, 10, EndReason::LoggedOut).await;
    let gone = store.purge(at(10), at(10), 100).await;
    assert_eq!(gone.expect("answers"), 1);
    assert_eq!(store.session(early.id).await.expect("answers"), None);
    assert!(stored_session(store, &late).await.ended.is_some());
    assert_eq!(stored_session(store, &live).await, live);
}

async fn sessions_past_their_absolute_end_go(store: &impl Store) {
    let (account, old) = with_session(store, "alice", 1).await;
    let (young, _) = super::sessions::open(store, &account, 2, AFTER_ALL, 10).await;
    let gone = store.purge(at(AFTER_ALL), at(AFTER_ALL), 100).await;
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
        let gone = store.purge(at(AFTER_ALL), at(AFTER_ALL), 2).await;
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
    let gone = store.purge(at(0), at(901), 100).await;
    assert_eq!(gone.expect("answers"), 1);
    let gone = store.purge(at(0), at(902), 100).await;
    assert_eq!(gone.expect("answers"), 1);
    super::sessions::end(store, &third, 3, EndReason::LoggedOut).await;
    let kept = store.revocations(0, at(0)).await.expect("answers");
    let sequences: Vec<u64> = kept.iter().map(|record| record.sequence).collect();
    assert_eq!(sequences, [3]);
}
