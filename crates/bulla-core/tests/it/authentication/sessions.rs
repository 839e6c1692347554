//! One's own sessions.

use std::time::Duration;

use bulla_core::authentication::EndOwnSessionError;
use futures_executor::block_on;

use crate::world::{DAY, PASSWORD, World};

#[test]
fn live_ones_are_listed() {
    let world = World::new();
    let first = world.register("alice");
    world.register("bob");
    world.clock.advance(Duration::from_secs(1));
    let second = world.login("alice", PASSWORD).unwrap();
    let ids = || -> Vec<_> {
        let sessions = block_on(world.users.sessions(&first.account.id)).unwrap();
        sessions.into_iter().map(|session| session.id).collect()
    };
    assert_eq!(ids(), [second.session, first.session]);
    block_on(world.users.logout_session(second.session, None)).unwrap();
    assert_eq!(ids(), [first.session]);
    world.clock.advance(14 * DAY);
    assert_eq!(ids(), []);
}

#[test]
fn one_ends_at_its_owners_wish_only() {
    let world = World::new();
    let alice = world.register("alice");
    let bob = world.register("bob");
    let end = |account, session| block_on(world.users.end_own_session(account, session, None));
    let refused = end(&bob.account.id, alice.session);
    assert!(matches!(refused, Err(EndOwnSessionError::NotFound)));
    assert!(world.verify(&alice.access_token).is_ok());
    end(&alice.account.id, alice.session).unwrap();
    assert_eq!(world.verify(&alice.access_token), Err("token_revoked"));
    let again = end(&alice.account.id, alice.session);
    assert!(matches!(again, Err(EndOwnSessionError::NotFound)));
}

#[test]
fn all_others_end() {
    let world = World::new();
    let first = world.register("alice");
    let second = world.login("alice", PASSWORD).unwrap();
    let third = world.login("alice", PASSWORD).unwrap();
    let bob = world.register("bob");
    let others = world
        .users
        .end_other_sessions(&first.account.id, second.session, None);
    block_on(others).unwrap();
    for ended in [&first, &third] {
        assert_eq!(world.verify(&ended.access_token), Err("token_revoked"));
    }
    for live in [&second, &bob] {
        assert!(world.verify(&live.access_token).is_ok());
    }
}
