//! Signing in with a password of which another system has made the hash.

use bulla_core::{
    account::{Account, LoginName, PasswordHash},
    administration::AccountEdit,
    audit::AuditKind,
    authentication::{IssuedSession, LoginError, Proof, SessionRequest},
    store::AccountStore,
};
use bulla_test::{
    FastHasher, builders, seeds,
    tasks::{Task, interleaved},
};
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, World, device};

/// Of [`FOREIGN_PASSWORD`], as Keycloak makes them.
const FOREIGN: &str = "$pbkdf2-sha1$i=1000,l=20$c2FsdHNhbHQ$wQoBU7GXMNo2CJC+raijrf6key4";
const FOREIGN_PASSWORD: &str = "correct horse";
const NEW: &str = "something else entirely";

/// Alice, signed in, whose password another system has hashed.
fn world() -> (World, IssuedSession) {
    let world = World::new();
    let issued = world.register("alice");
    let (id, own) = (&issued.account.id, &issued.account.password);
    let foreign = PasswordHash::parse(FOREIGN).unwrap();
    assert!(block_on(world.store.replace_password_hash(id, own, &foreign)).unwrap());
    (world, issued)
}

fn account(world: &World, issued: &IssuedSession) -> Account {
    block_on(world.store.account(&issued.account.id))
        .unwrap()
        .unwrap()
}

fn own_hash_of(password: &str) -> PasswordHash {
    FastHasher::hash_of(&builders::password(password))
}

#[test]
fn the_first_login_makes_the_hash_ours_and_ends_nothing() {
    let (world, before) = world();
    let recorded = world.store.events().len();
    let issued = world.login("alice", FOREIGN_PASSWORD).unwrap();
    let now = account(&world, &issued);
    assert_eq!(now.password, own_hash_of(FOREIGN_PASSWORD));
    assert_eq!(now.epoch, before.account.epoch);
    for session in [&before, &issued] {
        assert!(world.verify(&session.access_token).is_ok());
        assert!(world.refresh(&session.refresh_token).is_ok());
    }
    let events = world.store.events().split_off(recorded);
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [AuditKind::SessionOpened]);
    let hashed = world.hasher.hashed();
    assert!(world.login("alice", FOREIGN_PASSWORD).is_ok());
    assert_eq!(world.hasher.hashed(), hashed, "once is enough");
}

#[test]
fn a_wrong_password_leaves_the_hash_as_it_is() {
    let (world, issued) = world();
    let refused = world.login("alice", "correct horsf");
    assert!(matches!(refused, Err(LoginError::CredentialsInvalid)));
    assert_eq!(
        account(&world, &issued).password,
        PasswordHash::parse(FOREIGN).unwrap()
    );
    assert!(world.login("alice", FOREIGN_PASSWORD).is_ok());
}

#[test]
fn who_has_no_password_signs_in_with_none() {
    let (world, issued) = world();
    let id = &issued.account.id;
    let foreign = PasswordHash::parse(FOREIGN).unwrap();
    let none = world
        .store
        .replace_password_hash(id, &foreign, &PasswordHash::NONE);
    assert!(block_on(none).unwrap());
    for guess in ["*", FOREIGN_PASSWORD] {
        let refused = world.login("alice", guess);
        assert!(
            matches!(refused, Err(LoginError::CredentialsInvalid)),
            "{guess}"
        );
    }
    let edit = AccountEdit {
        password: Some(builders::password(NEW)),
        ..AccountEdit::default()
    };
    block_on(world.admins.set(id, edit, &COMMAND_LINE)).unwrap();
    assert!(world.login("alice", NEW).is_ok());
}

#[test]
fn a_password_that_is_changed_meanwhile_stays_changed() {
    for seed in seeds(200) {
        let (world, issued) = world();
        let tasks: [Task<'_, _>; 2] = [
            Box::pin(async {
                let name = LoginName::parse("alice").unwrap();
                let password = builders::password(FOREIGN_PASSWORD);
                let request = SessionRequest::default();
                world
                    .users
                    .login(name, password, device(), request)
                    .await
                    .is_ok()
            }),
            Box::pin(async {
                let proof = Proof {
                    account: issued.account.id.clone(),
                    session: issued.session,
                    password: builders::password(FOREIGN_PASSWORD),
                    address: None,
                };
                let new = builders::password(NEW);
                world
                    .users
                    .change_password(proof, new, device())
                    .await
                    .is_ok()
            }),
        ];
        let done = block_on(interleaved(seed, tasks.into()));
        assert!(
            done[1],
            "seed {seed}: a hash that is made anew is in nobody's way"
        );
        let now = account(&world, &issued);
        assert_eq!(now.password, own_hash_of(NEW), "seed {seed}");
        assert!(world.login("alice", NEW).is_ok(), "seed {seed}");
    }
}

#[test]
fn two_first_logins_at_once_both_succeed_whatever_else_changes() {
    for seed in seeds(200) {
        let (world, issued) = world();
        let login = || -> Task<'_, _> {
            Box::pin(async {
                let name = LoginName::parse("alice").unwrap();
                let password = builders::password(FOREIGN_PASSWORD);
                let request = SessionRequest::default();
                world
                    .users
                    .login(name, password, device(), request)
                    .await
                    .is_ok()
            })
        };
        let revoke: Task<'_, _> = Box::pin(async {
            let edit = AccountEdit {
                now: true,
                ..AccountEdit::default()
            };
            world
                .admins
                .set(&issued.account.id, edit, &COMMAND_LINE)
                .await
                .is_ok()
        });
        let done = block_on(interleaved(seed, vec![login(), login(), revoke]));
        assert_eq!(done, [true, true, true], "seed {seed}");
        assert_eq!(
            account(&world, &issued).password,
            own_hash_of(FOREIGN_PASSWORD)
        );
    }
}
