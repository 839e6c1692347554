//! Changing one's name.

use bulla_core::{
    account::DisplayName,
    audit::{AuditEvent, AuditKind},
};
use bulla_test::{
    builders,
    tasks::{Task, interleaved},
};
use futures_executor::block_on;

use crate::world::World;

#[test]
fn the_name_changes_and_tokens_go_on() {
    let world = World::new();
    let issued = world.register("alice");
    let id = &issued.account.id;
    let name = DisplayName::parse("Countess").ok();
    let renamed = block_on(world.users.rename(id, name.clone(), None)).unwrap();
    let renamed = renamed.unwrap();
    assert_eq!(renamed.name, name);
    let stored = block_on(world.users.account(id)).unwrap();
    assert_eq!(stored, Some(renamed));
    assert!(world.verify(&issued.access_token).is_ok());
    let last = world.store.events().pop().unwrap();
    assert_eq!(last.kind, AuditKind::AccountChanged);

    let nameless = block_on(world.users.rename(id, None, None)).unwrap();
    let nameless = nameless.unwrap();
    assert_eq!(nameless.name, None);
}

#[test]
fn who_is_gone_has_no_name() {
    let world = World::new();
    let gone = block_on(
        world
            .users
            .rename(&builders::account_id("gone"), None, None),
    );
    assert_eq!(gone.unwrap(), None);
}

#[test]
fn changes_at_once_are_all_made() {
    let world = World::new();
    let id = world.register("alice").account.id;
    let tasks = (0..20).map(|number| -> Task<'_, _> {
        let name = DisplayName::parse(&format!("name {number}")).ok();
        Box::pin(world.users.rename(&id, name, None))
    });
    let results = block_on(interleaved(1, tasks.collect()));
    assert!(results.iter().all(Result::is_ok));
    let changed = |event: &&AuditEvent| event.kind == AuditKind::AccountChanged;
    assert_eq!(world.store.events().iter().filter(changed).count(), 20);
}
