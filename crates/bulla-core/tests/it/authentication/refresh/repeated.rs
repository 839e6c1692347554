//! One token presented once, again, and a hundred times at once.

use std::time::Duration;

use bulla_core::{
    authentication::{IssuedSession, RefreshError, SessionRequest},
    session::refresh_token::{RefreshKey, RefreshKeyVersion},
};
use bulla_test::{
    seeds,
    tasks::{Task, interleaved, join_all},
};
use futures_executor::block_on;

use crate::world::{DAY, T, World, device};

const SECOND: Duration = Duration::from_secs(1);

fn generation(world: &World, issued: &IssuedSession) -> u64 {
    let claims = world.verify(&issued.access_token).unwrap();
    claims["gen"].as_u64().unwrap()
}

#[test]
fn each_refresh_hands_out_the_next_generation() {
    let world = World::new();
    let mut issued = world.register("alice");
    for expected in 1..=5 {
        assert_eq!(generation(&world, &issued), expected);
        issued = world.refresh_after(DAY, &issued.refresh_token).unwrap();
    }
    assert!(world.session(issued.session).ended.is_none());
}

#[test]
fn a_repeat_inside_the_span_gets_the_same_refresh_token_and_a_fresh_access_token() {
    let world = World::new();
    let first = world.register("alice");
    let again = world
        .refresh_after(T - SECOND, &first.refresh_token)
        .unwrap();
    assert_eq!(again.refresh_token, first.refresh_token);
    assert_ne!(again.access_token, first.access_token);
    let next = world.refresh_after(SECOND, &first.refresh_token).unwrap();
    assert_ne!(next.refresh_token, first.refresh_token);
    // A second tab, with the older token, just after.
    let tab = world.refresh_after(SECOND, &first.refresh_token).unwrap();
    assert_eq!(tab.refresh_token, next.refresh_token);
    assert_eq!(generation(&world, &tab), 2);
}

#[test]
fn a_hundred_refreshes_of_one_token_at_once_have_one_successor() {
    for seed in seeds(20) {
        let world = World::new();
        let first = world.register("alice");
        world.clock.advance(DAY);
        let tasks = (0..100).map(|_| -> Task<'_, _> {
            let token = &first.refresh_token;
            let request = SessionRequest::default();
            Box::pin(world.users.refresh(token, device(), request))
        });
        let answers = if seed == 0 {
            block_on(join_all(tasks.collect()))
        } else {
            block_on(interleaved(seed, tasks.collect()))
        };
        let issued: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        for answer in &issued {
            assert_eq!(answer.refresh_token, issued[0].refresh_token);
            assert_eq!(generation(&world, answer), 2);
        }
        let successor = &issued[0].refresh_token;
        assert_ne!(*successor, first.refresh_token);
        assert!(world.refresh_after(DAY, successor).is_ok());
    }
}

#[test]
fn a_hundred_that_arrive_one_after_another_have_one_successor() {
    // The clock moves between the arrivals, so that each repeat counts as handed out later.
    for seed in seeds(20) {
        let world = World::new();
        let first = world.register("alice");
        world.clock.advance(DAY);
        let tasks = (0..100).map(|_| -> Task<'_, _> {
            Box::pin(async {
                world.clock.advance(Duration::from_millis(1));
                let request = SessionRequest::default();
                let token = &first.refresh_token;
                world.users.refresh(token, device(), request).await
            })
        });
        let answers = block_on(interleaved(seed, tasks.collect()));
        for answer in answers {
            assert_eq!(generation(&world, &answer.unwrap()), 2);
        }
    }
}

#[test]
fn what_was_not_made_here_is_invalid_and_writes_nothing() {
    let world = World::new();
    let issued = world.register("alice");
    let token = issued.refresh_token.as_str();
    let before = world.session(issued.session);
    let made_with = |key: RefreshKey| key.token(issued.session, 1, &before.nonce);
    let [first, second] = [1, 2].map(RefreshKeyVersion::new);
    let other_key = made_with(RefreshKey::new(first, &[9; 32]));
    let other_version = made_with(world.master.derive_refresh_key(second));
    let same = made_with(world.master.derive_refresh_key(first));
    let tampered = format!("{}AAAA", &token[..token.len() - 4]);
    for bad in [
        "",
        "brt_",
        "token",
        &token[..40],
        &tampered,
        &other_key,
        &other_version,
        &issued.access_token,
    ] {
        let refused = world.refresh(bad);
        assert!(matches!(refused, Err(RefreshError::Invalid)), "{bad}");
    }
    assert_eq!(*same, token);
    assert_eq!(world.session(issued.session), before);
    assert_eq!(world.store.events().len(), 1);
    assert!(world.refresh(token).is_ok());
}

#[test]
fn a_store_that_does_not_answer_says_so_and_the_token_stays_good() {
    let world = World::new();
    let issued = world.register("alice");
    world.clock.advance(DAY);
    world.store.set_unavailable(true);
    let refused = world.refresh(&issued.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Store(_))));
    world.store.set_unavailable(false);
    assert!(world.refresh(&issued.refresh_token).is_ok());
}

#[test]
fn a_refresh_may_ask_for_a_shorter_access_token() {
    let world = World::new();
    let issued = world.register("alice");
    let request = SessionRequest {
        expires_in: Some(5 * SECOND),
        ..SessionRequest::default()
    };
    let token = &issued.refresh_token;
    let refreshed = block_on(world.users.refresh(token, device(), request)).unwrap();
    assert_eq!(refreshed.expires_in, 5);
    assert!(world.verify(&refreshed.access_token).is_ok());
    world.clock.advance(5 * SECOND);
    assert_eq!(world.verify(&refreshed.access_token), Err("token_expired"));
}
