//! What begins in the place of a session: a browser that keeps one refresh token forgets the other.

use bulla_core::{
    account::LoginName,
    audit::AuditKind,
    authentication::{IssuedSession, LoginError, RefreshError, SessionRequest},
    session::{EndReason, refresh_token::PresentedToken},
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{PASSWORD, World, device, registration};

fn instead_of(refresh_token: &str) -> SessionRequest {
    SessionRequest {
        replaces: Some(PresentedToken::parse(refresh_token).unwrap()),
        ..SessionRequest::default()
    }
}

fn login(
    world: &World,
    name: &str,
    password: &str,
    request: SessionRequest,
) -> Result<IssuedSession, LoginError> {
    let name = LoginName::parse(name).unwrap();
    let password = builders::password(password);
    block_on(world.users.login(name, password, device(), request))
}

fn end_of(world: &World, issued: &IssuedSession) -> Option<EndReason> {
    world
        .session(issued.session)
        .ended
        .map(|ended| ended.reason)
}

#[test]
fn a_login_ends_the_session_that_the_browser_had() {
    let world = World::new();
    let [other, there] = ["alice", "alice"].map(|name| match name {
        _ if world.store.events().is_empty() => world.register(name),
        _ => world.login(name, PASSWORD).unwrap(),
    });
    login(&world, "alice", PASSWORD, instead_of(&there.refresh_token)).unwrap();
    assert_eq!(world.verify(&there.access_token), Err("token_revoked"));
    let refused = world.refresh(&there.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Revoked)));
    assert_eq!(end_of(&world, &there), Some(EndReason::Replaced));
    let event = world.store.events();
    let ended = event
        .iter()
        .find(|event| event.kind == AuditKind::SessionEnded);
    assert_eq!(ended.unwrap().session, Some(there.session));
    assert_eq!(ended.unwrap().detail.as_deref(), Some("replaced"));
    assert_eq!(end_of(&world, &other), None, "the control");
}

#[test]
fn whosever_it_was() {
    let world = World::new();
    let alice = world.register("alice");
    world.register("bob");
    login(&world, "bob", PASSWORD, instead_of(&alice.refresh_token)).unwrap();
    assert_eq!(end_of(&world, &alice), Some(EndReason::Replaced));

    let bob = world.login("bob", PASSWORD).unwrap();
    let request = instead_of(&bob.refresh_token);
    let carol = registration("carol");
    block_on(world.users.register(carol, None, device(), request)).unwrap();
    assert_eq!(end_of(&world, &bob), Some(EndReason::Replaced));
}

#[test]
fn what_fails_ends_nothing() {
    let world = World::new();
    let alice = world.register("alice");
    let there = || instead_of(&alice.refresh_token);
    assert!(login(&world, "alice", "another", there()).is_err());
    let again = registration("alice");
    assert!(block_on(world.users.register(again, None, device(), there())).is_err());
    assert_eq!(end_of(&world, &alice), None);
}

#[test]
fn a_refresh_token_that_was_not_made_here_ends_nothing() {
    let world = World::new();
    let alice = world.register("alice");
    let forged = format!(
        "{}AAAA",
        &alice.refresh_token[..alice.refresh_token.len() - 4]
    );
    login(&world, "alice", PASSWORD, instead_of(&forged)).unwrap();
    assert_eq!(end_of(&world, &alice), None);
}

#[test]
fn a_session_that_moves_into_a_browser_takes_the_place_of_another_and_not_of_itself() {
    let world = World::new();
    let there = world.register("alice");
    let moved = world.login("alice", PASSWORD).unwrap();
    for request in [&moved, &there, &there] {
        let request = instead_of(&request.refresh_token);
        let refreshed = world.users.refresh(&moved.refresh_token, device(), request);
        block_on(refreshed).unwrap();
        assert_eq!(end_of(&world, &moved), None);
    }
    assert_eq!(end_of(&world, &there), Some(EndReason::Replaced));
}
