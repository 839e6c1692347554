//! Disabling and enabling accounts.

use std::cell::Cell;

use bulla_core::{
    account::DisplayName,
    administration::EditError,
    authentication::{LoginError, Proof, RefreshError},
    session::EndReason,
};
use bulla_test::{
    builders,
    tasks::{Task, join_all},
};
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, PASSWORD, World, device};

#[test]
fn a_disabled_account_is_out_at_once() {
    let world = World::new();
    let alice = world.register("alice");
    let bob = world.register("bob");
    let account = block_on(world.admins.disable(&alice.account.id, &COMMAND_LINE)).unwrap();
    assert_eq!(account.disabled_at, Some(world.now()));
    assert_eq!(world.verify(&alice.access_token), Err("token_revoked"));
    let refused = world.refresh(&alice.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Revoked)));
    let refused = world.login("alice", PASSWORD);
    assert!(matches!(refused, Err(LoginError::CredentialsInvalid)));
    let ended = world.session(alice.session).ended.unwrap();
    assert_eq!(ended.reason, EndReason::AccountDisabled);
    assert!(world.verify(&bob.access_token).is_ok());
}

#[test]
fn an_enabled_account_signs_in_again_and_old_tokens_stay_dead() {
    let world = World::new();
    let alice = world.register("alice");
    block_on(world.admins.disable(&alice.account.id, &COMMAND_LINE)).unwrap();
    let account = block_on(world.admins.enable(&alice.account.id, &COMMAND_LINE)).unwrap();
    assert_eq!(account.disabled_at, None);
    assert_eq!(world.verify(&alice.access_token), Err("token_revoked"));
    assert!(world.refresh(&alice.refresh_token).is_err());
    let again = world.login("alice", PASSWORD).unwrap();
    assert!(world.verify(&again.access_token).is_ok());
}

#[test]
fn twice_is_as_good_as_once() {
    let world = World::new();
    let id = world.register("alice").account.id;
    let once = block_on(world.admins.disable(&id, &COMMAND_LINE)).unwrap();
    assert_eq!(
        block_on(world.admins.disable(&id, &COMMAND_LINE)).unwrap(),
        once
    );
    let once = block_on(world.admins.enable(&id, &COMMAND_LINE)).unwrap();
    assert_eq!(
        block_on(world.admins.enable(&id, &COMMAND_LINE)).unwrap(),
        once
    );
    assert_eq!(world.revocations.records().len(), 1);
}

#[test]
fn an_unknown_account_is_not_found() {
    let world = World::new();
    let unknown = builders::account_id("nobody");
    let refused = block_on(world.admins.disable(&unknown, &COMMAND_LINE));
    assert!(matches!(refused, Err(EditError::NotFound)));
    let refused = block_on(world.admins.enable(&unknown, &COMMAND_LINE));
    assert!(matches!(refused, Err(EditError::NotFound)));
}

#[test]
fn no_crowd_of_renames_holds_up_a_new_password_or_a_disabling() {
    let world = World::new();
    let issued = world.register("alice");
    let id = &issued.account.id;
    let over = Cell::new(false);
    let crowd = (0..50).map(|number| -> Task<'_, ()> {
        let (users, over) = (&world.users, &over);
        Box::pin(async move {
            for turn in 0.. {
                if over.get() {
                    break;
                }
                let name = DisplayName::parse(&format!("{number} {turn}")).ok();
                users.rename(id, name, None).await.unwrap();
            }
        })
    });
    let victim: Task<'_, ()> = Box::pin(async {
        let said = Proof {
            account: id.clone(),
            session: issued.session,
            password: builders::password(PASSWORD),
            address: None,
        };
        let new = builders::password("something else entirely");
        let changed = world.users.change_password(said, new, device()).await;
        let disabled = world.admins.disable(id, &COMMAND_LINE).await;
        over.set(true);
        assert!(changed.is_ok(), "{changed:?}");
        assert!(disabled.is_ok(), "{disabled:?}");
    });
    block_on(join_all(crowd.chain([victim]).collect()));
    let account = block_on(world.users.account(id)).unwrap().unwrap();
    assert!(account.disabled_at.is_some());
    assert_eq!(account.epoch, 2);
}
