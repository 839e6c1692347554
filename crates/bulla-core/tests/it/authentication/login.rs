//! Signing in.

use std::time::Duration;

use bulla_core::{
    account::{LoginName, Role},
    administration::AccountEdit,
    audit::AuditKind,
    authentication::{IssuedSession, LoginError, RefreshError, SessionRequest},
    session::EndReason,
};
use bulla_test::{
    builders,
    tasks::{Task, interleaved},
};

use crate::world::{COMMAND_LINE, DAY, PASSWORD, World, device};

#[test]
fn by_email_or_user_name_in_any_case() {
    let world = World::new();
    let account = world.register("alice").account;
    for name in ["alice@example.com", "ALICE@example.COM", "alice", "Alice"] {
        let issued = world.login(name, PASSWORD).unwrap();
        assert_eq!(issued.account, account, "{name}");
        assert!(world.verify(&issued.access_token).is_ok());
    }
    let opened = world.store.events().into_iter();
    let opened = opened.filter(|event| event.kind == AuditKind::SessionOpened);
    assert_eq!(opened.count(), 4);
}

#[test]
fn a_wrong_password_an_unknown_and_a_disabled_account_are_the_same() {
    let world = World::new();
    world.register("alice");
    let disabled = world.register("bob").account;
    futures_executor::block_on(world.admins.disable(&disabled.id, &COMMAND_LINE)).unwrap();
    for (name, password) in [
        ("alice", "another password"),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("bob", PASSWORD),
        ("bob", "another password"),
    ] {
        let before = world.hasher.verified();
        let refused = world.login(name, password);
        assert!(matches!(refused, Err(LoginError::CredentialsInvalid)));
        // Each costs exactly one verification.
        assert_eq!(world.hasher.verified(), before + 1, "{name}");
    }
    assert!(world.login("alice", PASSWORD).is_ok());
}

#[test]
fn an_overloaded_hasher_refuses() {
    let world = World::new();
    world.register("alice");
    world.hasher.set_overloaded(true);
    for name in ["alice", "nobody"] {
        let refused = world.login(name, PASSWORD);
        assert!(matches!(refused, Err(LoginError::Overloaded(_))));
    }
}

#[test]
fn a_store_that_does_not_answer_is_no_wrong_password() {
    let world = World::new();
    world.register("alice");
    world.store.set_unavailable(true);
    let refused = world.login("alice", PASSWORD);
    assert!(matches!(refused, Err(LoginError::Store(_))));
    world.store.set_unavailable(false);
    assert!(world.login("alice", PASSWORD).is_ok());
}

#[test]
fn the_oldest_session_ends_beyond_the_cap() {
    let world = World::with_cap(2);
    let first = world.register("alice");
    world.clock.advance(Duration::from_secs(1));
    let second = world.login("alice", PASSWORD).unwrap();
    world.clock.advance(Duration::from_secs(1));
    assert!(world.verify(&first.access_token).is_ok());
    let third = world.login("alice", PASSWORD).unwrap();
    assert_eq!(world.verify(&first.access_token), Err("token_revoked"));
    let ended = world.session(first.session).ended.unwrap();
    assert_eq!(ended.reason, EndReason::TooMany);
    for live in [&second, &third] {
        assert!(world.verify(&live.access_token).is_ok());
        assert!(world.refresh(&live.refresh_token).is_ok());
    }
}

#[test]
fn an_idle_session_does_not_push_out_a_live_one() {
    let world = World::with_cap(2);
    let live = world.register("alice");
    world.clock.advance(Duration::from_secs(1));
    let idle = world.login("alice", PASSWORD).unwrap();
    world.clock.advance(10 * DAY);
    let live = world.refresh(&live.refresh_token).unwrap();
    world.clock.advance(4 * DAY);
    let refused = world.refresh(&idle.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Expired)));
    let second = world.login("alice", PASSWORD).unwrap();
    assert!(world.refresh(&live.refresh_token).is_ok());
    assert!(world.refresh(&second.refresh_token).is_ok());
    assert_eq!(world.session(idle.session).ended, None);
}

/// A login while an administrator changes the account, in many orders of events.
fn login_beside(edit: &AccountEdit) -> Vec<(World, Result<IssuedSession, LoginError>)> {
    let run = |seed| {
        let world = World::new();
        let account = world.register("alice").account;
        let tasks: Vec<Task<'_, Option<_>>> = vec![
            Box::pin(async {
                let name = LoginName::parse("alice").unwrap();
                let password = builders::password(PASSWORD);
                let request = SessionRequest::default();
                Some(world.users.login(name, password, device(), request).await)
            }),
            Box::pin(async {
                let edited = world
                    .admins
                    .set(&account.id, edit.clone(), &COMMAND_LINE)
                    .await;
                edited.unwrap();
                None
            }),
        ];
        let results = futures_executor::block_on(interleaved(seed, tasks));
        let login = results.into_iter().flatten().next().unwrap();
        (world, login)
    };
    (0..200).map(run).collect()
}

#[test]
fn a_password_that_changes_meanwhile_lets_nobody_in_for_long() {
    let edit = AccountEdit {
        password: Some(builders::password("something else entirely")),
        ..AccountEdit::default()
    };
    let (mut refused, mut ended) = (0, 0);
    for (world, login) in login_beside(&edit) {
        match login {
            Err(LoginError::CredentialsInvalid) => refused += 1,
            Ok(issued) => {
                // Signed in before the change, which then ended the session.
                assert!(world.session(issued.session).ended.is_some());
                assert_eq!(world.verify(&issued.access_token), Err("token_revoked"));
                ended += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0 && ended > 0, "{refused} refused, {ended} ended");
}

#[test]
fn an_epoch_that_moves_meanwhile_does_not_refuse_a_right_password() {
    let edit = AccountEdit {
        roles: Some([Role::parse("admin").unwrap()].into()),
        now: true,
        ..AccountEdit::default()
    };
    let mut with_role = 0;
    for (world, login) in login_beside(&edit) {
        let issued = login.unwrap();
        match world.verify(&issued.access_token) {
            Ok(claims) => {
                assert_eq!(claims["roles"], serde_json::json!(["admin"]));
                with_role += 1;
            }
            Err(code) => assert_eq!(code, "token_revoked"),
        }
        assert!(world.refresh(&issued.refresh_token).is_ok());
    }
    assert!(with_role > 0);
}
