//! Changing accounts.

use std::collections::BTreeSet;

use bulla_core::{
    account::{Account, CustomClaims, DisplayName, Plan, Role},
    administration::{AccountEdit, EditError},
    audit::AuditKind,
    authentication::{IssuedSession, RefreshError},
};
use bulla_test::{
    builders, seeds,
    tasks::{Task, interleaved},
};
use futures_executor::block_on;
use serde_json::json;

use crate::world::{COMMAND_LINE, PASSWORD, World};

fn roles<const N: usize>(names: [&str; N]) -> Option<BTreeSet<Role>> {
    Some(names.map(|name| Role::parse(name).unwrap()).into())
}

fn set(world: &World, issued: &IssuedSession, edit: AccountEdit) -> Account {
    block_on(world.admins.set(&issued.account.id, edit, &COMMAND_LINE)).unwrap()
}

#[test]
fn a_granted_role_or_plan_counts_from_the_next_refresh() {
    let world = World::new();
    let issued = world.register("alice");
    let claims = json!({"beta": true}).as_object().unwrap().clone();
    let edit = AccountEdit {
        roles: roles(["admin", "staff"]),
        plan: Plan::parse("gold").ok(),
        claims: CustomClaims::new(claims).ok(),
        name: Some(DisplayName::parse("Countess").ok()),
        ..AccountEdit::default()
    };
    let account = set(&world, &issued, edit);
    assert_eq!(account.epoch, 0);
    let old = world.verify(&issued.access_token).unwrap();
    assert_eq!(old["roles"], json!([]));
    let refreshed = world.refresh(&issued.refresh_token).unwrap();
    let new = world.verify(&refreshed.access_token).unwrap();
    assert_eq!(new["roles"], json!(["admin", "staff"]));
    assert_eq!(new["plan"], "gold");
    assert_eq!(new["beta"], true);
    assert_eq!(refreshed.account, account);
}

#[test]
fn a_removed_role_ends_access_tokens_but_no_session() {
    let world = World::new();
    let issued = world.register("alice");
    let edit = |roles| AccountEdit {
        roles,
        ..AccountEdit::default()
    };
    set(&world, &issued, edit(roles(["admin", "staff"])));
    let before = world.refresh(&issued.refresh_token).unwrap();
    assert!(world.verify(&before.access_token).is_ok());
    let account = set(&world, &issued, edit(roles(["admin", "other"])));
    assert_eq!(account.epoch, 1);
    assert_eq!(world.verify(&before.access_token), Err("token_revoked"));
    let after = world.refresh(&issued.refresh_token).unwrap();
    let claims = world.verify(&after.access_token).unwrap();
    assert_eq!(claims["roles"], json!(["admin", "other"]));
}

#[test]
fn now_ends_access_tokens_at_once() {
    let world = World::new();
    let issued = world.register("alice");
    let edit = AccountEdit {
        plan: Plan::parse("gold").ok(),
        now: true,
        ..AccountEdit::default()
    };
    set(&world, &issued, edit);
    assert_eq!(world.verify(&issued.access_token), Err("token_revoked"));
    let refreshed = world.refresh(&issued.refresh_token).unwrap();
    let claims = world.verify(&refreshed.access_token).unwrap();
    assert_eq!(claims["plan"], "gold");
}

#[test]
fn a_set_password_ends_sessions_and_tokens() {
    let world = World::new();
    let issued = world.register("alice");
    let edit = AccountEdit {
        password: Some(builders::password("something else entirely")),
        ..AccountEdit::default()
    };
    set(&world, &issued, edit);
    assert_eq!(world.verify(&issued.access_token), Err("token_revoked"));
    let refused = world.refresh(&issued.refresh_token);
    assert!(matches!(refused, Err(RefreshError::Revoked)));
    assert!(world.login("alice", PASSWORD).is_err());
    assert!(world.login("alice", "something else entirely").is_ok());
    let events = world.store.events();
    assert!(
        events
            .iter()
            .any(|event| event.kind == AuditKind::PasswordChanged)
    );
}

#[test]
fn a_set_password_must_be_good_too() {
    let world = World::new();
    let issued = world.register("alice");
    let edit = AccountEdit {
        password: Some(builders::password("countess")),
        name: Some(DisplayName::parse("Countess").ok()),
        ..AccountEdit::default()
    };
    let refused = block_on(world.admins.set(&issued.account.id, edit, &COMMAND_LINE));
    assert!(matches!(refused, Err(EditError::NewPassword(_))));
    assert!(world.login("alice", PASSWORD).is_ok());
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let world = World::new();
    let issued = world.register("alice");
    let account = set(&world, &issued, AccountEdit::default());
    assert_eq!(account, issued.account);
    let edit = AccountEdit {
        roles: roles([]),
        plan: Some(Plan::free()),
        ..AccountEdit::default()
    };
    assert_eq!(set(&world, &issued, edit), issued.account);
    assert_eq!(world.store.events().len(), 1);
}

#[test]
fn an_unknown_account_is_not_found() {
    let world = World::new();
    let unknown = builders::account_id("nobody");
    let edit = AccountEdit {
        password: Some(builders::password(PASSWORD)),
        ..AccountEdit::default()
    };
    for edit in [edit, AccountEdit::default()] {
        let refused = block_on(world.admins.set(&unknown, edit, &COMMAND_LINE));
        assert!(matches!(refused, Err(EditError::NotFound)));
    }
}

#[test]
fn edits_at_once_are_all_made() {
    for seed in seeds(50) {
        let world = World::new();
        let issued = world.register("alice");
        let id = &issued.account.id;
        let edits = [
            AccountEdit {
                roles: roles(["admin"]),
                ..AccountEdit::default()
            },
            AccountEdit {
                plan: Plan::parse("gold").ok(),
                ..AccountEdit::default()
            },
            AccountEdit {
                name: Some(None),
                now: true,
                ..AccountEdit::default()
            },
        ];
        let tasks = edits
            .map(|edit| -> Task<'_, _> { Box::pin(world.admins.set(id, edit, &COMMAND_LINE)) });
        let results = block_on(interleaved(seed, tasks.into()));
        assert!(results.iter().all(Result::is_ok));
        let account = block_on(world.users.account(id)).unwrap().unwrap();
        assert_eq!(Some(account.roles), roles(["admin"]));
        assert_eq!(account.plan.as_str(), "gold");
        assert_eq!(account.name, None);
        assert_eq!(account.epoch, 1);
    }
}
