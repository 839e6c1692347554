//! Moving a session's generations.

use std::net::IpAddr;

use bulla_core::{
    audit::AuditKind,
    session::{Device, EndReason, Generations, Session, Sighting},
    store::{SessionAdvance, Store},
};

use super::{T, at, events, stored_session, with_session};
use crate::{
    builders,
    tasks::{Task, join_all},
};

pub(super) async fn all<S: Store, F: AsyncFn() -> S>(make: &F) {
    an_advance_moves_generations_use_and_device(&make().await).await;
    an_advance_from_other_generations_changes_nothing(&make().await).await;
    a_device_alone_changes_once(&make().await).await;
    an_ended_or_unknown_session_does_not_advance(&make().await).await;
    of_a_hundred_advances_at_once_one_succeeds(&make().await).await;
    a_sighting_settles_the_newest(&make().await).await;
    other_sightings_are_passed_over(&make().await).await;
    a_settled_session_does_not_advance_from_what_was_before(&make().await).await;
}

async fn an_advance_moves_generations_use_and_device(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let mut advance = advance(&session, 60);
    assert!(store.advance_session(&advance).await.expect("answers"));
    advance.events.reverse();
    assert_eq!(events(store, &account, 2).await, advance.events);
    let expected = Session {
        generations: advance.next,
        last_used_at: advance.used_at,
        device: advance.device,
        ..session.clone()
    };
    assert_eq!(stored_session(store, &session).await, expected);
}

async fn an_advance_from_other_generations_changes_nothing(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let seen = session.generations;
    let others = [
        Generations { newest: 2, ..seen },
        Generations { settled: 1, ..seen },
        Generations {
            handed_out_at: at(1),
            ..seen
        },
    ];
    for other in others {
        let mut advance = advance(&session, 60);
        advance.seen = other;
        assert!(!store.advance_session(&advance).await.expect("answers"));
        assert_eq!(stored_session(store, &session).await, session);
    }
    let right = advance(&session, 60);
    assert!(store.advance_session(&right).await.expect("answers"));
}

async fn a_device_alone_changes_once(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let mut moved = advance(&session, 60);
    moved.next = moved.seen;
    assert!(store.advance_session(&moved).await.expect("answers"));
    assert_eq!(stored_session(store, &session).await.device, moved.device);
    for _ in 0..2 {
        assert!(!store.advance_session(&moved).await.expect("answers"));
    }
    moved.device.address = None;
    assert!(store.advance_session(&moved).await.expect("answers"));
    assert!(!store.advance_session(&moved).await.expect("answers"));
    assert_eq!(events(store, &account, 10).await.len(), 5);
}

async fn an_ended_or_unknown_session_does_not_advance(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let unknown = builders::session(builders::session_id(2), &account.id, at(0));
    let advanced = store.advance_session(&advance(&unknown, 60)).await;
    assert!(!advanced.expect("answers"));
    super::sessions::end(store, &session, 1, EndReason::LoggedOut).await;
    let advanced = store.advance_session(&advance(&session, 60)).await;
    assert!(!advanced.expect("answers"));
    let kept = stored_session(store, &session).await;
    assert_eq!(kept.generations, session.generations);
}

async fn of_a_hundred_advances_at_once_one_succeeds(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let advances: Vec<_> = (0..100).map(|_| advance(&session, 60)).collect();
    let tasks = advances.iter().map(|advance| -> Task<'_, _> {
        Box::pin(async move { store.advance_session(advance).await.expect("answers") })
    });
    let succeeded = join_all(tasks.collect()).await;
    assert_eq!(succeeded.iter().filter(|advanced| **advanced).count(), 1);
    let newest = stored_session(store, &session).await.generations.newest;
    assert_eq!(newest, session.generations.newest + 1);
}

async fn a_sighting_settles_the_newest(store: &impl Store) {
    let (account, first) = with_session(store, "alice", 1).await;
    let (second, _) = super::sessions::open(store, &account, 2, 0, 10).await;
    let sightings = [sighting(&first, 1, 60), sighting(&second, 1, 61)];
    store.settle(&sightings, T).await.expect("answers");
    for session in [&first, &second] {
        let settled = Generations {
            settled: 1,
            ..session.generations
        };
        assert_eq!(stored_session(store, session).await.generations, settled);
    }
}

async fn other_sightings_are_passed_over(store: &impl Store) {
    let (account, session) = with_session(store, "alice", 1).await;
    let unknown = builders::session(builders::session_id(9), &account.id, at(0));
    let (ended, _) = super::sessions::open(store, &account, 2, 0, 10).await;
    super::sessions::end(store, &ended, 1, EndReason::LoggedOut).await;
    let passed_over = [
        sighting(&ended, 1, 60),
        sighting(&unknown, 1, 60),
        sighting(&session, 1, 59),
        sighting(&session, 0, 60),
        sighting(&session, 2, 60),
    ];
    store.settle(&passed_over, T).await.expect("answers");
    store.settle(&[], T).await.expect("answers");
    assert_eq!(stored_session(store, &session).await, session);
    let generations = stored_session(store, &ended).await.generations;
    assert_eq!(generations, ended.generations);
}

async fn a_settled_session_does_not_advance_from_what_was_before(store: &impl Store) {
    let (_, session) = with_session(store, "alice", 1).await;
    let advance = advance(&session, 60);
    let sightings = [sighting(&session, 1, 60)];
    store.settle(&sightings, T).await.expect("answers");
    assert!(!store.advance_session(&advance).await.expect("answers"));
}

pub(super) fn advance(session: &Session, seconds: i64) -> SessionAdvance {
    SessionAdvance {
        id: session.id,
        seen: session.generations,
        next: Generations {
            newest: session.generations.newest + 1,
            handed_out_at: at(seconds),
            settled: session.generations.newest,
        },
        used_at: at(seconds),
        device: Device {
            user_agent: None,
            address: Some(IpAddr::from([198, 51, 100, 7])),
        },
        events: [AuditKind::RefreshReplyLost, AuditKind::RefreshElsewhere]
            .map(|kind| builders::event(at(seconds), kind, &session.account))
            .into(),
    }
}

fn sighting(session: &Session, generation: u64, seconds: i64) -> Sighting {
    Sighting {
        session: session.id,
        generation,
        seen_at: at(seconds),
    }
}
