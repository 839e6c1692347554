//! Making and finding accounts.

use bulla_core::{
    account::{Account, CustomClaims, Email, Plan, Role, Username},
    accounts::{CreateError, NewAccount},
    audit::AuditKind,
};
use bulla_test::builders;
use futures_executor::block_on;
use serde_json::json;

use crate::world::{PASSWORD, World};

fn new_account(name: &str) -> NewAccount {
    let claims = json!({"team_id": 7}).as_object().unwrap().clone();
    NewAccount {
        email: Some(Email::parse(&format!("{name}@example.com")).unwrap()),
        username: None,
        password: builders::password(PASSWORD),
        name: None,
        roles: [Role::parse("admin").unwrap()].into(),
        plan: Plan::parse("gold").unwrap(),
        claims: CustomClaims::new(claims).unwrap(),
    }
}

fn create(world: &World, new: NewAccount) -> Result<Account, CreateError> {
    block_on(world.admins.create(new, None))
}

#[test]
fn what_was_given_is_in_the_tokens() {
    let world = World::new();
    let account = create(&world, new_account("root")).unwrap();
    assert_eq!(world.store.events()[0].kind, AuditKind::AccountCreated);
    let issued = world.login("root@example.com", PASSWORD).unwrap();
    assert_eq!(issued.account, account);
    let claims = world.verify(&issued.access_token).unwrap();
    assert_eq!(claims["roles"], json!(["admin"]));
    assert_eq!(claims["plan"], "gold");
    assert_eq!(claims["team_id"], 7);
}

#[test]
fn what_registration_refuses_is_refused() {
    let world = World::new();
    create(&world, new_account("root")).unwrap();
    let taken = create(&world, new_account("Root"));
    assert!(matches!(taken, Err(CreateError::EmailTaken)));
    let mut nameless = new_account("other");
    nameless.email = None;
    assert!(matches!(
        create(&world, nameless),
        Err(CreateError::NameMissing)
    ));
    let mut short = new_account("other");
    short.password = builders::password("short");
    assert!(matches!(
        create(&world, short),
        Err(CreateError::PasswordRefused(_))
    ));
    world.hasher.set_overloaded(true);
    let refused = create(&world, new_account("other"));
    assert!(matches!(refused, Err(CreateError::Overloaded(_))));
}

#[test]
fn found_by_identity_email_or_user_name() {
    let world = World::new();
    let account = world.register("alice").account;
    for text in [account.id.as_str(), "Alice@example.com", "ALICE"] {
        let found = block_on(world.admins.find(text)).unwrap();
        assert_eq!(found.as_ref(), Some(&account), "{text}");
    }
    for text in ["", "bob", "bob@example.com", "usr_x", "a b", "\u{0}"] {
        assert_eq!(block_on(world.admins.find(text)).unwrap(), None, "{text}");
    }
}

#[test]
fn nobody_is_found_by_calling_himself_by_anothers_identity() {
    let world = World::new();
    let alice = world.register("alice").account;
    let mut imposter = new_account("imposter");
    imposter.username = Some(Username::parse(alice.id.as_str()).unwrap());
    create(&world, imposter).unwrap();
    let found = block_on(world.admins.find(alice.id.as_str())).unwrap();
    assert_eq!(found, Some(alice));
}
