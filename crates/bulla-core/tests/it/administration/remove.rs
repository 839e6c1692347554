//! Deleting accounts and ending sessions.

use bulla_core::{
    administration::RemoveError,
    audit::{AuditKind, AuditSubject},
    authentication::{LoginError, RefreshError},
    ids::SessionId,
    session::EndReason,
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, PASSWORD, World};

#[test]
fn a_deleted_account_is_gone_with_its_tokens() {
    let world = World::new();
    let alice = world.register("alice");
    let bob = world.register("bob");
    let id = &alice.account.id;
    block_on(world.admins.delete(id, &COMMAND_LINE)).unwrap();
    assert_eq!(world.verify(&alice.access_token), Err("token_revoked"));
    let refused = world.refresh(&alice.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Invalid)));
    let refused = world.login("alice", PASSWORD);
    assert!(matches!(refused, Err(LoginError::CredentialsInvalid)));
    assert_eq!(block_on(world.users.account(id)).unwrap(), None);
    assert!(world.verify(&bob.access_token).is_ok());
    let last = world.store.events().pop().unwrap();
    let deleted = (AuditKind::AccountDeleted, id.clone().into());
    assert_eq!((last.kind, last.subject.clone()), deleted);

    // Whoever takes the names next is somebody else.
    let next = world.register("alice");
    assert!(world.verify(&next.access_token).is_ok());
}

#[test]
fn any_session_can_be_ended() {
    let world = World::new();
    let alice = world.register("alice");
    block_on(world.admins.end_session(alice.session, &COMMAND_LINE)).unwrap();
    assert_eq!(world.verify(&alice.access_token), Err("token_revoked"));
    let refused = world.refresh(&alice.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Revoked)));
    let sessions = block_on(world.admins.sessions(&alice.account.id)).unwrap();
    let reasons = sessions.iter().map(|session| session.ended.unwrap().reason);
    assert!(reasons.eq([EndReason::Revoked]));
}

#[test]
fn all_sessions_of_an_account_can_be_ended_and_it_may_sign_in_again() {
    let world = World::new();
    let first = world.register("alice");
    let second = world.login("alice", PASSWORD).unwrap();
    let bob = world.register("bob");
    let id = &first.account.id;
    let ended = block_on(world.admins.end_sessions(id, &COMMAND_LINE)).unwrap();
    assert_eq!(ended, 2);
    for ended in [&first, &second] {
        assert_eq!(world.verify(&ended.access_token), Err("token_revoked"));
        let reason = world.session(ended.session).ended.unwrap().reason;
        assert_eq!(reason, EndReason::Revoked);
    }
    assert!(world.verify(&bob.access_token).is_ok());
    let again = world.login("alice", PASSWORD).unwrap();
    assert!(world.verify(&again.access_token).is_ok());
    let nobody = builders::account_id("nobody");
    let ended = block_on(world.admins.end_sessions(&nobody, &COMMAND_LINE)).unwrap();
    assert_eq!(ended, 0);
}

#[test]
fn all_sessions_can_be_ended_and_no_refresh_token_from_before_is_one() {
    let world = World::new();
    let alice = world.register("alice");
    let bob = world.register("bob");
    let before = world.store.snapshot();
    assert_eq!(
        block_on(world.admins.end_all_sessions(&COMMAND_LINE)).unwrap(),
        2
    );
    for ended in [&alice, &bob] {
        assert_eq!(world.verify(&ended.access_token), Err("token_revoked"));
        let refused = world.refresh(&ended.refresh_token);
        assert!(matches!(refused, Err(RefreshError::Invalid)));
    }
    let last = world.store.events().pop().unwrap();
    let all = (AuditKind::AllSessionsEnded, AuditSubject::Store);
    assert_eq!((last.kind, last.subject), all);

    let again = world.login("alice", PASSWORD).unwrap();
    assert!(world.verify(&again.access_token).is_ok());
    let refreshed = world.refresh(&again.refresh_token).unwrap();
    assert_eq!(refreshed.session, again.session);

    // Where the store goes back behind it, the tokens from before are good again: so it is done after that.
    world.store.restore(before);
    assert!(world.refresh(&alice.refresh_token).is_ok());
}

#[test]
fn what_is_not_there_is_not_found() {
    let world = World::new();
    let alice = world.register("alice");
    let refused = block_on(
        world
            .admins
            .delete(&builders::account_id("nobody"), &COMMAND_LINE),
    );
    assert!(matches!(refused, Err(RemoveError::NotFound)));
    let unknown = SessionId::from_bytes([9; 16]);
    let refused = block_on(world.admins.end_session(unknown, &COMMAND_LINE));
    assert!(matches!(refused, Err(RemoveError::NotFound)));
    block_on(world.admins.end_session(alice.session, &COMMAND_LINE)).unwrap();
    let again = block_on(world.admins.end_session(alice.session, &COMMAND_LINE));
    assert!(matches!(again, Err(RemoveError::NotFound)));
    block_on(world.admins.delete(&alice.account.id, &COMMAND_LINE)).unwrap();
    let again = block_on(world.admins.delete(&alice.account.id, &COMMAND_LINE));
    assert!(matches!(again, Err(RemoveError::NotFound)));
}
