//! The order of revocations.

use std::time::Duration;

use bulla_core::{
    audit::{AuditFilter, AuditKind},
    ids::TokenId,
    revocation::RevocationTarget,
    session::EndReason,
    store::Store,
    time::Timestamp,
};

use super::{
    at,
    changes::{change, plain},
    sessions::{end, ending_all, open, start},
    term, with_account, with_session,
};
use crate::builders;

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    revocations_are_numbered_without_a_gap(&make().await).await;
    revocations_are_read_from_a_place_on(&make().await).await;
    revocations_past_their_end_are_left_out(&make().await).await;
    whatever_revokes_counts_from_the_last_hand_out(&make().await).await;
    whatever_revokes_outlives_the_longest_lifetime(&make().await).await;
    one_token_is_revoked(&make().await).await;
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

/// The clock went back by an hour after a token was handed out.
async fn whatever_revokes_counts_from_the_last_hand_out(store: &impl Store) {
    revoke_by_all_means(store, 3600, 0).await;
    assert_eq!(untils(store).await, [at(3600 + 900); 5]);
}

async fn whatever_revokes_outlives_the_longest_lifetime(store: &impl Store) {
    for seconds in [5000, 1] {
        let noted = store.note_access_lifetime(Duration::from_secs(seconds));
        noted.await.expect("the store answers");
    }
    revoke_by_all_means(store, 0, 10).await;
    assert_eq!(untils(store).await, [at(10 + 5000); 5]);
}

/// Five records, each of one session: by its end, by the cap, with all others, by a change of the
/// account and with the account.
async fn revoke_by_all_means(store: &impl Store, opened: i64, revoked: i64) {
    let account = with_account(store, "alice").await;
    let (first, _) = open(store, &account, 1, opened, 10).await;
    end(store, &first, revoked, EndReason::LoggedOut).await;
    open(store, &account, 2, opened, 10).await;
    let third = builders::session(builders::session_id(3), &account.id, at(opened));
    let mut capped = start(&third, &account, 1);
    capped.revoke = term(revoked);
    assert!(store.create_session(&capped).await.expect("answers"));
    let ended = store.end_sessions(&ending_all(&account, revoked)).await;
    assert_eq!(ended.expect("answers"), 1);
    open(store, &account, 4, opened, 10).await;
    let mut changed = plain(&account);
    changed.revoke = Some(term(revoked));
    change(store, changed).await;
    let event = builders::event(at(revoked), AuditKind::AccountDeleted, &account.id);
    let deleted = store.delete_account(&account.id, term(revoked), &event);
    assert!(deleted.await.expect("answers"));
}

async fn one_token_is_revoked(store: &impl Store) {
    let client = builders::client_id("a");
    let id = TokenId::new("a-token").expect("a valid identity");
    let event = builders::event(at(1), AuditKind::ClientTokenRevoked, &client);
    for _ in 0..2 {
        let revoked = store.revoke_token(&id, term(10), &event).await;
        revoked.expect("the store answers");
    }
    let records = store.revocations(0, at(0)).await.expect("answers");
    let hit = records.iter().map(|one| (one.target.clone(), one.until));
    let expected = (RevocationTarget::Token(id), at(910));
    assert_eq!(hit.collect::<Vec<_>>(), [expected.clone(), expected]);
    let events = store.audit_events(&AuditFilter::default(), 10).await;
    assert_eq!(events.expect("answers").len(), 2);
}

async fn untils(store: &impl Store) -> Vec<Timestamp> {
    let records = store.revocations(0, at(0)).await;
    let records = records.expect("the store answers");
    records.iter().map(|record| record.until).collect()
}

async fn sequences(store: &impl Store, after: u64, seconds: i64) -> Vec<u64> {
    let records = store.revocations(after, at(seconds)).await;
    let records = records.expect("the store answers");
    records.iter().map(|record| record.sequence).collect()
}
