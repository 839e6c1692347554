//! The order of revocations.

use bulla_core::{session::EndReason, store::Store};

use super::{at, with_session};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    revocations_are_numbered_without_a_gap(&make().await).await;
    revocations_are_read_from_a_place_on(&make().await).await;
    revocations_past_their_end_are_left_out(&make().await).await;
}

/// Ends five sessions, at the seconds 1 to 5; each revocation lasts for 900 seconds.
async fn with_revocations(store: &impl Store) {
    for byte in 1..=5 {
        let (_, session) = with_session(store, &format!("user{byte}"), byte).await;
        super::sessions::end(store, &session, i64::from(byte), EndReason::LoggedOut).await;
    }
}

async fn revocations_are_numbered_without_a_gap(store: &impl Store) {
    with_revocations(store).await;
    assert_eq!(sequences(store, 0, 0).await, [1, 2, 3, 4, 5]);
}

async fn revocations_are_read_from_a_place_on(store: &impl Store) {
    with_revocations(store).await;
    assert_eq!(sequences(store, 3, 0).await, [4, 5]);
    assert_eq!(sequences(store, 5, 0).await, [0; 0]);
}

async fn revocations_past_their_end_are_left_out(store: &impl Store) {
    with_revocations(store).await;
    assert_eq!(sequences(store, 0, 902).await, [3, 4, 5]);
    assert_eq!(sequences(store, 0, 2000).await, [0; 0]);
}

async fn sequences(store: &impl Store, after: u64, seconds: i64) -> Vec<u64> {
    let records = store.revocations(after, at(seconds)).await;
    let records = records.expect("the store answers");
    records.iter().map(|record| record.sequence).collect()
}
