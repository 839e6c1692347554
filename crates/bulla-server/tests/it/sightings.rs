//! Sightings from the gateway to the store.

use std::{sync::Arc, time::Duration};

use bulla_core::{
    session::{Generations, Session, Sighting},
    store::{AccountStore, SessionAdvance, SessionStore},
    time::Timestamp,
};
use bulla_server::sightings::SightingBatcher;
use bulla_test::{MemoryStore, builders};

const SETTLE: Duration = Duration::from_secs(60);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// A store with a session whose second generation was handed out at second 100 and is not settled.
async fn store() -> (Arc<MemoryStore>, Session) {
    let store = Arc::new(MemoryStore::default());
    let account = builders::account("alice", at(0));
    let session = builders::session(builders::session_id(1), &account.id, at(0));
    let creation = builders::creation(&account, Some(&session));
    store.create_account(&creation).await.unwrap();
    let advance = SessionAdvance {
        id: session.id,
        seen: session.generations,
        next: Generations {
            newest: session.generations.newest + 1,
            handed_out_at: at(100),
            settled: session.generations.newest,
        },
        used_at: at(100),
        device: session.device.clone(),
        events: Vec::new(),
    };
    assert!(store.advance_session(&advance).await.unwrap());
    let (session, _) = store.session(session.id).await.unwrap().unwrap();
    (store, session)
}

async fn settled(store: &MemoryStore, session: &Session) -> u64 {
    store
        .session(session.id)
        .await
        .unwrap()
        .unwrap()
        .0
        .generations
        .settled
}

fn sighting(session: &Session, seconds: i64) -> Sighting {
    Sighting {
        session: session.id,
        generation: session.generations.newest,
        seen_at: at(seconds),
    }
}

#[tokio::test]
async fn a_sighting_settles_its_generation_by_the_flush() {
    let (store, session) = store().await;
    let batcher = SightingBatcher::start(store.clone(), SETTLE);
    batcher.record(sighting(&session, 100 + 60));
    batcher.flush().await;
    assert_eq!(settled(&store, &session).await, session.generations.newest);
}

#[tokio::test]
async fn an_early_sighting_settles_nothing_and_hides_no_later_one() {
    let (store, session) = store().await;
    let batcher = SightingBatcher::start(store.clone(), SETTLE);
    batcher.record(sighting(&session, 100 + 50));
    batcher.flush().await;
    assert_eq!(settled(&store, &session).await, session.generations.settled);
    batcher.record(sighting(&session, 100 + 60));
    batcher.flush().await;
    assert_eq!(settled(&store, &session).await, session.generations.newest);
}

#[tokio::test(start_paused = true)]
async fn sightings_reach_the_store_within_a_second_of_themselves() {
    let (store, session) = store().await;
    let batcher = SightingBatcher::start(store.clone(), SETTLE);
    // The task's first turn comes at once, and finds nothing yet.
    tokio::time::sleep(Duration::from_millis(1)).await;
    batcher.record(sighting(&session, 100 + 60));
    assert_ne!(settled(&store, &session).await, session.generations.newest);
    let waited = tokio::time::Instant::now();
    while settled(&store, &session).await != session.generations.newest {
        // The clock of this test is paused: this takes no time.
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(waited.elapsed() < Duration::from_secs(1));
    }
}
