//! Revocations take effect before whoever asked for them is answered, and whoever goes away.

use std::{future::poll_fn, sync::Arc, task::Poll};

use bulla_core::{
    account::Account,
    audit::AuditKind,
    revocation::RevocationTarget,
    session::{EndReason, Session},
    store::{AccountChange, AccountOutcome, Store},
};

use bulla_jose::jwk::KeyId;

use super::{
    at,
    changes::{change, plain},
    keys::revoke as revoke_key,
    sessions::{end, ending, ending_all, open, start},
    stored_session, term,
    visitors::upgrade,
    with_account, with_session,
};
use crate::{
    RecordedRevocations, builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn(Arc<RecordedRevocations>) -> S>(make: &F) {
    let made = async || {
        let sink = Arc::new(RecordedRevocations::default());
        (make(Arc::clone(&sink)).await, sink)
    };
    let (store, sink) = made().await;
    whatever_revokes_publishes_before_it_returns(&store, &sink).await;
    let (store, sink) = made().await;
    what_revokes_nothing_publishes_nothing(&store, &sink).await;
    let (store, sink) = made().await;
    many_at_once_are_published_in_order_each_before_its_answer(&store, &sink).await;
    let (store, sink) = made().await;
    what_is_abandoned_is_published_as_soon_as_it_is_seen(&store, &sink).await;
}

async fn whatever_revokes_publishes_before_it_returns(
    store: &impl Store,
    sink: &RecordedRevocations,
) {
    let (alice, first) = with_session(store, "alice", 1).await;
    assert!(end(store, &first, 1, EndReason::LoggedOut).await);
    published(sink, 1, &RevocationTarget::Session(first.id));

    let (second, _) = open(store, &alice, 2, 2, 1).await;
    let third = builders::session(builders::session_id(3), &alice.id, at(3));
    let opened = store.create_session(&start(&third, &alice, 1)).await;
    assert!(opened.expect("answers"));
    published(sink, 2, &RevocationTarget::Session(second.id));

    let ended = store.end_sessions(&ending_all(&alice, 4)).await;
    assert_eq!(ended.expect("answers"), 1);
    published(sink, 3, &RevocationTarget::Session(third.id));

    let changed = Account {
        epoch: 1,
        ..alice.clone()
    };
    assert!(change_epoch(store, &changed, true).await);
    let subject = |min_epoch| RevocationTarget::Subject {
        subject: (&alice.id).into(),
        min_epoch,
    };
    published(sink, 4, &subject(Some(1)));

    let event = builders::event(at(5), AuditKind::AccountDeleted, &alice.id);
    let deleted = store.delete_account(&alice.id, term(5), &event).await;
    assert!(deleted.expect("answers"));
    published(sink, 5, &subject(None));
    let visitor = upgrade("bob", 9, 6);
    store.create_account(&visitor).await.expect("it is stored");
    let upgraded = RevocationTarget::Subject {
        subject: (&visitor.account.id).into(),
        min_epoch: Some(1),
    };
    published(sink, 6, &upgraded);
    let key = KeyId::new("a").expect("a valid key id");
    assert!(revoke_key(store, 0, &key).await);
    published(sink, 7, &RevocationTarget::Key(key));
    let written = store.revocations(0, at(0)).await.expect("answers");
    assert_eq!(sink.records(), written);
}

async fn what_revokes_nothing_publishes_nothing(store: &impl Store, sink: &RecordedRevocations) {
    let (account, session) = with_session(store, "alice", 1).await;
    let mut moved = ending(&session, 1, EndReason::Theft);
    let mut other = session.generations;
    other.newest += 1;
    moved.seen = Some(other);
    assert!(!store.end_session(&moved).await.expect("answers"));
    let unknown = builders::account("carol", at(0));
    assert!(!change_epoch(store, &unknown, true).await);
    assert!(change_epoch(store, &account, false).await);
    open(store, &account, 2, 1, 10).await;
    let nobody = with_account(store, "bob").await;
    let ended = store.end_sessions(&ending_all(&nobody, 1)).await;
    assert_eq!(ended.expect("answers"), 0);
    assert!(store.create_account(&upgrade("bob", 9, 1)).await.is_err());
    let key = KeyId::new("a").expect("a valid key id");
    assert!(!revoke_key(store, 1, &key).await);
    assert_eq!(sink.records(), []);
}

async fn many_at_once_are_published_in_order_each_before_its_answer(
    store: &impl Store,
    sink: &RecordedRevocations,
) {
    let account = with_account(store, "alice").await;
    let mut sessions = Vec::new();
    for byte in 1..=30 {
        sessions.push(open(store, &account, byte, 0, 100).await.0);
    }
    let tasks = sessions.iter().map(|session| -> Task<'_, _> {
        Box::pin(async move {
            assert!(end(store, session, 1, EndReason::LoggedOut).await);
            assert!(sink.hits_session(session.id), "answered too early");
        })
    });
    join_all(tasks.collect()).await;
    let sequences = sink.records().into_iter().map(|record| record.sequence);
    assert!(sequences.eq(1..=30));
}

async fn what_is_abandoned_is_published_as_soon_as_it_is_seen(
    store: &impl Store,
    sink: &RecordedRevocations,
) {
    let account = with_account(store, "alice").await;
    for byte in 1..=20 {
        let (session, _) = open(store, &account, byte, 0, 100).await;
        let ending = ending(&session, 1, EndReason::LoggedOut);
        // As many steps as it takes, and then one less.
        for _ in 0..byte % 3 {
            let mut abandoned = store.end_session(&ending);
            poll_fn(|context| {
                let _ = abandoned.as_mut().poll(context);
                Poll::Ready(())
            })
            .await;
        }
        // The abandoned one may still be at it; but whoever sees it done finds it published.
        if is_over(store, &session).await {
            assert!(sink.hits_session(session.id), "{byte}: seen too early");
        }
        store.end_session(&ending).await.expect("answers");
        assert!(sink.hits_session(session.id), "{byte}: ended before");
    }
    let sequences = sink.records().into_iter().map(|record| record.sequence);
    assert!(sequences.eq(1..=20), "each ends once");
}

async fn is_over(store: &impl Store, session: &Session) -> bool {
    stored_session(store, session).await.ended.is_some()
}

async fn change_epoch(store: &impl Store, account: &Account, revoke: bool) -> bool {
    let changing = AccountChange {
        revoke: revoke.then(|| term(1)),
        ..plain(account)
    };
    matches!(change(store, changing).await, AccountOutcome::Changed(_))
}

/// That so many are published, and the last of them so.
fn published(sink: &RecordedRevocations, count: usize, target: &RevocationTarget) {
    let records = sink.records();
    assert_eq!(records.len(), count, "{records:?}");
    assert_eq!(records.last().map(|record| &record.target), Some(target));
}
