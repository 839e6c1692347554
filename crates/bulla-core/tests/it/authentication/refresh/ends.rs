//! Sessions that are over.

use std::time::Duration;

use bulla_core::authentication::{RefreshError, SessionRequest};
use bulla_test::{
    seeds,
    tasks::{Task, interleaved},
};
use futures_executor::block_on;

use crate::world::{DAY, World, device};

const MILLISECOND: Duration = Duration::from_millis(1);

#[test]
fn a_session_that_was_not_used_for_two_weeks_has_expired() {
    let world = World::new();
    let issued = world.register("alice");
    let issued = world.refresh_after(DAY, &issued.refresh_token).unwrap();
    let snapshot = world.now();
    world.clock.advance(14 * DAY);
    let refused = world.refresh(&issued.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Expired)));
    world.clock.set(snapshot.after(14 * DAY - MILLISECOND));
    assert!(world.refresh(&issued.refresh_token).is_ok());
}

#[test]
fn a_session_has_expired_after_thirty_days_however_busy() {
    let world = World::new();
    let mut issued = world.register("alice");
    for _ in 0..29 {
        issued = world.refresh_after(DAY, &issued.refresh_token).unwrap();
    }
    let near_end = world.now().after(DAY - 5 * 1000 * MILLISECOND);
    world.clock.set(near_end);
    let last = world.refresh(&issued.refresh_token).unwrap();
    // Its access token ends with the session.
    assert_eq!(last.expires_in, 5);
    world.clock.advance(5 * 1000 * MILLISECOND - MILLISECOND);
    assert!(world.refresh(&last.refresh_token).is_ok());
    world.clock.advance(MILLISECOND);
    let refused = world.refresh(&last.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Expired)));
}

#[test]
fn an_expired_session_writes_nothing_whatever_is_presented() {
    let world = World::new();
    let first = world.register("alice");
    let second = world.refresh_after(DAY, &first.refresh_token).unwrap();
    let third = world.refresh_after(DAY, &second.refresh_token).unwrap();
    world.clock.advance(30 * DAY);
    for issued in [&first, &second, &third] {
        let refused = world.refresh(&issued.refresh_token);
        assert!(matches!(refused, Err(RefreshError::Expired)));
    }
    assert!(world.session(first.session).ended.is_none());
}

#[test]
fn a_session_that_was_ended_is_revoked() {
    let world = World::new();
    let issued = world.register("alice");
    block_on(world.users.logout_session(issued.session, None)).unwrap();
    let refused = world.refresh(&issued.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Revoked)));
    // Also when it would have expired since.
    world.clock.advance(60 * DAY);
    let refused = world.refresh(&issued.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Revoked)));
}

#[test]
fn the_session_of_another_account_is_not_touched() {
    let world = World::new();
    let alice = world.register("alice");
    let bob = world.register("bob");
    block_on(world.users.logout_session(bob.session, None)).unwrap();
    assert!(world.refresh(&alice.refresh_token).is_ok());
}

#[test]
fn a_logout_beside_a_refresh_ends_the_session_in_every_order() {
    for seed in seeds(200) {
        let world = World::new();
        let issued = world.register("alice");
        world.clock.advance(DAY);
        let tasks: Vec<Task<'_, Option<_>>> = vec![
            Box::pin(async {
                let token = &issued.refresh_token;
                let request = SessionRequest::default();
                Some(world.users.refresh(token, device(), request).await)
            }),
            Box::pin(async {
                let logout = world.users.logout_session(issued.session, None).await;
                logout.unwrap();
                None
            }),
        ];
        let results = block_on(interleaved(seed, tasks));
        match results.into_iter().flatten().next().unwrap() {
            Ok(refreshed) => {
                assert_eq!(world.verify(&refreshed.access_token), Err("token_revoked"));
                assert!(world.refresh(&refreshed.refresh_token).is_err());
            }
            Err(error) => assert!(matches!(error, RefreshError::Revoked), "{error}"),
        }
    }
}
