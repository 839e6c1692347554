//! Signing out.

use bulla_core::{authentication::LogoutError, ids::SessionId, session::EndReason};
use futures_executor::block_on;

use crate::world::{PASSWORD, T, World};

#[test]
fn the_session_ends_with_its_access_token() {
    let world = World::new();
    let issued = world.register("alice");
    let other = world.login("alice", PASSWORD).unwrap();
    assert!(world.verify(&issued.access_token).is_ok());
    block_on(world.users.logout_session(issued.session, None)).unwrap();
    assert_eq!(world.verify(&issued.access_token), Err("token_revoked"));
    let ended = world.session(issued.session).ended.unwrap();
    assert_eq!(ended.reason, EndReason::LoggedOut);
    assert!(world.verify(&other.access_token).is_ok());
    assert!(world.refresh(&other.refresh_token).is_ok());
}

#[test]
fn a_refresh_token_of_any_generation_ends_its_session() {
    for generation_back in 0..2 {
        let world = World::new();
        let first = world.register("alice");
        let second = world.refresh_after(T, &first.refresh_token).unwrap();
        let token = [&second, &first][generation_back].refresh_token.clone();
        block_on(world.users.logout_refresh_token(&token, None)).unwrap();
        assert!(world.session(first.session).ended.is_some());
        assert_eq!(world.verify(&second.access_token), Err("token_revoked"));
    }
}

#[test]
fn twice_is_as_good_as_once() {
    let world = World::new();
    let issued = world.register("alice");
    for _ in 0..2 {
        block_on(world.users.logout_session(issued.session, None)).unwrap();
        let again = world
            .users
            .logout_refresh_token(&issued.refresh_token, None);
        block_on(again).unwrap();
    }
    assert_eq!(world.revocations.records().len(), 1);
    let unknown = SessionId::from_bytes([9; 16]);
    block_on(world.users.logout_session(unknown, None)).unwrap();
}

#[test]
fn a_forged_refresh_token_ends_nothing() {
    let world = World::new();
    let issued = world.register("alice");
    let token = issued.refresh_token.as_str();
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    for bad in ["", "brt_", forged.as_str()] {
        let refused = block_on(world.users.logout_refresh_token(bad, None));
        assert!(matches!(refused, Err(LogoutError::Invalid)), "{bad}");
    }
    assert!(world.verify(&issued.access_token).is_ok());
    assert!(world.refresh(token).is_ok());
}
