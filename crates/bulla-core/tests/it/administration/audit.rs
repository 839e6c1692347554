//! Who did what, as the audit log tells.

use bulla_core::{
    account::{DisplayName, Plan, Role},
    administration::{AccountEdit, Administrator},
    audit::{Actor, AuditEvent, AuditKind},
    registration::Grants,
    session::Device,
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, DAY, PASSWORD, World, device, registration};

/// Another account, from another address.
fn root() -> Administrator {
    Administrator {
        account: Some(builders::account_id("root")),
        address: "198.51.100.9".parse().ok(),
    }
}

fn last(world: &World) -> AuditEvent {
    world.store.events().pop().unwrap()
}

#[test]
fn administrators_are_named_whatever_they_do() {
    let world = World::new();
    let (root, alice) = (root(), world.register("alice"));
    let id = &alice.account.id;
    let plan = AccountEdit {
        plan: Plan::parse("pro").ok(),
        ..AccountEdit::default()
    };
    let by_root = |kind| {
        let event = last(&world);
        assert_eq!(event.kind, kind);
        assert_eq!(
            event.actor,
            Actor::Administrator(builders::account_id("root"))
        );
        assert_eq!(event.address, root.address);
    };
    block_on(world.admins.set(id, plan, &root)).unwrap();
    by_root(AuditKind::AccountChanged);
    block_on(world.admins.end_session(alice.session, &root)).unwrap();
    by_root(AuditKind::SessionEnded);
    world.login("alice", PASSWORD).unwrap();
    block_on(world.admins.end_sessions(id, &root)).unwrap();
    by_root(AuditKind::SessionEnded);
    block_on(world.admins.disable(id, &root)).unwrap();
    by_root(AuditKind::AccountChanged);
    block_on(world.admins.enable(id, &root)).unwrap();
    by_root(AuditKind::AccountChanged);
    block_on(world.admins.delete(id, &root)).unwrap();
    by_root(AuditKind::AccountDeleted);
    let bob = world
        .admins
        .create(registration("bob"), Grants::default(), &root);
    block_on(bob).unwrap();
    by_root(AuditKind::AccountCreated);
    block_on(
        world
            .admins
            .create(registration("carol"), Grants::default(), &COMMAND_LINE),
    )
    .unwrap();
    assert_eq!(last(&world).actor, Actor::CommandLine);
}

#[test]
fn what_owners_do_is_theirs() {
    let world = World::new();
    let first = world.register("alice");
    let second = world.login("alice", PASSWORD).unwrap();
    let id = &first.account.id;
    let from = device().address;
    block_on(world.users.rename(id, DisplayName::parse("Al").ok(), from)).unwrap();
    block_on(world.users.end_own_session(id, second.session, from)).unwrap();
    world.refresh_after(DAY, &first.refresh_token).unwrap();
    world.refresh_after(DAY, &first.refresh_token).unwrap();
    block_on(world.users.logout_session(first.session, from)).unwrap();
    let events = world.store.events();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    let expected = [
        AuditKind::AccountCreated,
        AuditKind::SessionOpened,
        AuditKind::AccountChanged,
        AuditKind::SessionEnded,
        AuditKind::RefreshReplyLost,
        AuditKind::SessionEnded,
    ];
    assert_eq!(kinds, expected);
    for event in events {
        assert_eq!((event.actor, event.address), (Actor::Owner, from));
    }
}

#[test]
fn what_a_rule_does_is_the_systems() {
    let world = World::with_cap(1);
    let first = world.register("alice");
    let second = world.login("alice", PASSWORD).unwrap();
    let ended = world.store.events().remove(1);
    assert_eq!(
        (ended.kind, ended.actor, ended.session),
        (AuditKind::SessionEnded, Actor::System, Some(first.session))
    );
    assert_eq!(ended.detail.as_deref(), Some("too_many"));

    let third = world.refresh_after(DAY, &second.refresh_token).unwrap();
    world.refresh_after(DAY, &third.refresh_token).unwrap();
    let thief = Device::new(None, "203.0.113.66".parse().ok());
    let request = Default::default();
    let stolen = world.users.refresh(&second.refresh_token, thief, request);
    block_on(stolen).unwrap_err();
    let theft = last(&world);
    assert_eq!(
        (theft.kind, theft.actor),
        (AuditKind::RefreshReused, Actor::System)
    );
    assert_eq!(theft.address, "203.0.113.66".parse().ok());
}

#[test]
fn a_change_is_told_but_nothing_personal() {
    let world = World::new();
    let alice = world.register("alice");
    let roles = |names: &[&str]| {
        names
            .iter()
            .map(|name| Role::parse(name).unwrap())
            .collect()
    };
    let edit = |roles, name: &str| AccountEdit {
        roles: Some(roles),
        plan: Plan::parse("pro").ok(),
        name: Some(DisplayName::parse(name).ok()),
        ..AccountEdit::default()
    };
    let told = |edit| {
        block_on(world.admins.set(&alice.account.id, edit, &COMMAND_LINE)).unwrap();
        last(&world).detail.unwrap()
    };
    assert_eq!(
        told(edit(roles(&["admin", "staff"]), "Countess")),
        "role admin granted, role staff granted, plan pro instead of free, name changed"
    );
    assert_eq!(
        told(edit(roles(&["staff"]), "Countess")),
        "role admin removed, tokens revoked"
    );
    block_on(world.admins.disable(&alice.account.id, &COMMAND_LINE)).unwrap();
    assert_eq!(last(&world).detail.unwrap(), "disabled, tokens revoked");
    block_on(world.admins.enable(&alice.account.id, &COMMAND_LINE)).unwrap();
    assert_eq!(last(&world).detail.unwrap(), "enabled");
    let grants = Grants {
        roles: roles(&["admin"]),
        ..Grants::default()
    };
    block_on(
        world
            .admins
            .create(registration("bob"), grants, &COMMAND_LINE),
    )
    .unwrap();
    assert_eq!(last(&world).detail.unwrap(), "role admin granted");
}
