//! One's own sessions.

use std::time::Duration;

use bulla_core::{account::DisplayName, audit::AuditKind, authentication::OwnSessionError};
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
    assert!(matches!(refused, Err(OwnSessionError::NotFound)));
    assert!(world.verify(&alice.access_token).is_ok());
    end(&alice.account.id, alice.session).unwrap();
    assert_eq!(world.verify(&alice.access_token), Err("token_revoked"));
    let again = end(&alice.account.id, alice.session);
    assert!(matches!(again, Err(OwnSessionError::NotFound)));
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

#[test]
fn one_is_named_by_its_owner_only() {
    let world = World::new();
    let alice = world.register("alice");
    let bob = world.register("bob");
    let name = |text: &str| DisplayName::parse(text).ok();
    let rename = |account, session, name| {
        block_on(world.users.rename_own_session(account, session, name, None))
    };
    let refused = rename(&bob.account.id, alice.session, name("mine"));
    assert!(matches!(refused, Err(OwnSessionError::NotFound)));
    assert_eq!(
        world.session(alice.session).shown_name().as_deref(),
        Some("curl")
    );
    for _ in 0..2 {
        let renamed = rename(&alice.account.id, alice.session, name("kitchen"));
        assert_eq!(renamed.unwrap(), world.session(alice.session));
    }
    let shown = || world.session(alice.session).shown_name();
    assert_eq!(shown().as_deref(), Some("kitchen"));
    let events = world.store.events();
    let renamed = |kind| kind == AuditKind::SessionRenamed;
    assert_eq!(events.iter().filter(|event| renamed(event.kind)).count(), 1);
    // It stays through refreshes.
    world.refresh_after(DAY, &alice.refresh_token).unwrap();
    assert_eq!(shown().as_deref(), Some("kitchen"));
    rename(&alice.account.id, alice.session, None).unwrap();
    assert_eq!(shown().as_deref(), Some("curl"));
    block_on(world.users.logout_session(alice.session, None)).unwrap();
    let ended = rename(&alice.account.id, alice.session, name("late"));
    assert!(matches!(ended, Err(OwnSessionError::NotFound)));
}
