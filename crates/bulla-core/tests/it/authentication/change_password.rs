//! Changing one's password.

use bulla_core::{
    administration::AccountEdit,
    audit::AuditKind,
    authentication::{
        ChangePasswordError, IssuedSession, LoginError, Proof, ProofError, RefreshError,
    },
    ids::{AccountId, SessionId},
};
use bulla_test::{
    builders, seeds,
    tasks::{Task, interleaved},
};
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, PASSWORD, T, WEEK, World, device};

const NEW: &str = "something else entirely";

fn said(account: &AccountId, session: SessionId, current: &str) -> Proof {
    Proof {
        account: account.clone(),
        session,
        password: builders::password(current),
        address: None,
    }
}

fn change(
    world: &World,
    issued: &IssuedSession,
    current: &str,
    new: &str,
) -> Result<IssuedSession, ChangePasswordError> {
    let said = said(&issued.account.id, issued.session, current);
    let new = builders::password(new);
    block_on(world.users.change_password(said, new, device()))
}

fn is_revoked(refused: &Result<IssuedSession, ChangePasswordError>) -> bool {
    matches!(
        refused,
        Err(ChangePasswordError::Proof(ProofError::Revoked))
    )
}

#[test]
fn this_session_goes_on_and_all_others_end() {
    let world = World::new();
    let this = world.register("alice");
    let other = world.login("alice", PASSWORD).unwrap();
    let bob = world.register("bob");
    let changed = change(&world, &this, PASSWORD, NEW).unwrap();

    assert_eq!(changed.session, this.session);
    assert!(world.verify(&changed.access_token).is_ok());
    assert!(world.refresh(&changed.refresh_token).is_ok());
    for old in [&this, &other] {
        assert_eq!(world.verify(&old.access_token), Err("token_revoked"));
    }
    let refused = world.refresh(&other.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Revoked)));
    assert!(world.verify(&bob.access_token).is_ok());

    let refused = world.login("alice", PASSWORD);
    assert!(matches!(refused, Err(LoginError::CredentialsInvalid)));
    assert!(world.login("alice", NEW).is_ok());
    let events = world.store.events();
    assert!(
        events
            .iter()
            .any(|event| event.kind == AuditKind::PasswordChanged)
    );
}

#[test]
fn a_lost_answer_logs_nobody_out() {
    // Whether the client holds the newest generation or the settled one.
    for holds_newest in [true, false] {
        let world = World::new();
        let first = world.register("alice");
        let second = world.refresh_after(T, &first.refresh_token).unwrap();
        world.clock.advance(T);
        change(&world, &second, PASSWORD, NEW).unwrap();
        let held = if holds_newest { &second } else { &first };
        let refreshed = world.refresh_after(WEEK, &held.refresh_token).unwrap();
        assert!(world.verify(&refreshed.access_token).is_ok());
    }
}

#[test]
fn a_wrong_current_password_is_refused() {
    let world = World::new();
    let issued = world.register("alice");
    let refused = change(&world, &issued, "not my password", NEW);
    assert!(matches!(
        refused,
        Err(ChangePasswordError::Proof(ProofError::CredentialsInvalid))
    ));
    assert!(world.verify(&issued.access_token).is_ok());
    assert!(world.login("alice", PASSWORD).is_ok());
}

#[test]
fn a_bad_new_password_is_refused() {
    let world = World::new();
    let issued = world.register("alice");
    for bad in ["short", "password1", "alice@example.com"] {
        let refused = change(&world, &issued, PASSWORD, bad);
        assert!(matches!(refused, Err(ChangePasswordError::NewPassword(_))));
    }
    assert!(change(&world, &issued, PASSWORD, NEW).is_ok());
}

#[test]
fn an_ended_session_or_a_strangers_changes_nothing() {
    let world = World::new();
    let alice = world.register("alice");
    let bob = world.register("bob");
    let for_alice = said(&alice.account.id, bob.session, PASSWORD);
    let new = builders::password(NEW);
    let refused = block_on(world.users.change_password(for_alice, new, device()));
    assert!(is_revoked(&refused));

    block_on(world.users.logout_session(alice.session, None)).unwrap();
    let refused = change(&world, &alice, PASSWORD, NEW);
    assert!(is_revoked(&refused));
    block_on(world.admins.disable(&bob.account.id, &COMMAND_LINE)).unwrap();
    let refused = change(&world, &bob, PASSWORD, NEW);
    assert!(is_revoked(&refused));
}

#[test]
fn of_two_changes_at_once_one_wins() {
    for seed in seeds(100) {
        let world = World::new();
        let first = world.register("alice");
        let second = world.login("alice", PASSWORD).unwrap();
        let tasks = [
            (&first, "first new password"),
            (&second, "second new password"),
        ];
        let tasks = tasks.map(|(issued, new)| -> Task<'_, _> {
            let said = said(&issued.account.id, issued.session, PASSWORD);
            let new = builders::password(new);
            Box::pin(world.users.change_password(said, new, device()))
        });
        let results = block_on(interleaved(seed, tasks.into()));
        let won: Vec<bool> = results.iter().map(Result::is_ok).collect();
        assert!(won == [true, false] || won == [false, true], "seed {seed}");
        let password = ["first new password", "second new password"][usize::from(won[1])];
        assert!(world.login("alice", password).is_ok(), "seed {seed}");
    }
}

#[test]
fn what_was_proven_before_the_tokens_were_revoked_counts_no_more() {
    let (mut changed, mut refused) = (0, 0);
    for seed in seeds(100) {
        let world = World::new();
        let issued = world.register("alice");
        let id = &issued.account.id;
        let edit = AccountEdit {
            now: true,
            ..AccountEdit::default()
        };
        let tasks: [Task<'_, _>; 2] = [
            Box::pin(async {
                let said = said(id, issued.session, PASSWORD);
                let new = builders::password(NEW);
                let changed = world.users.change_password(said, new, device());
                changed.await.is_ok()
            }),
            Box::pin(async { world.admins.set(id, edit, &COMMAND_LINE).await.is_ok() }),
        ];
        let won = block_on(interleaved(seed, tasks.into()));
        assert!(won[1], "seed {seed}: the administrator always wins");
        let account = block_on(world.users.account(id)).unwrap().unwrap();
        assert_eq!(account.epoch, 1 + u64::from(won[0]), "seed {seed}");
        assert_eq!(world.login("alice", NEW).is_ok(), won[0], "seed {seed}");
        if won[0] {
            changed += 1;
        } else {
            refused += 1;
        }
    }
    assert!(changed > 0 && refused > 0, "{changed} {refused}");
}
