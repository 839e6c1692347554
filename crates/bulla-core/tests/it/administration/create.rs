//! Making and finding accounts.

use bulla_core::{
    account::{Account, CustomClaims, Plan, Role, Username},
    audit::AuditKind,
    new_password::NewPasswordError,
    registration::{Grants, Registration, RegistrationError},
};
use bulla_test::builders;
use futures_executor::block_on;
use serde_json::json;

use crate::world::{COMMAND_LINE, PASSWORD, World, email, registration};

fn grants() -> Grants {
    let claims = json!({"team_id": 7}).as_object().unwrap().clone();
    Grants {
        roles: [Role::parse("admin").unwrap()].into(),
        plan: Plan::parse("gold").unwrap(),
        claims: CustomClaims::new(claims).unwrap(),
    }
}

fn create(world: &World, registration: Registration) -> Result<Account, RegistrationError> {
    block_on(world.admins.create(registration, grants(), &COMMAND_LINE))
}

#[test]
fn what_was_given_is_in_the_tokens() {
    let world = World::new();
    let account = create(&world, registration("root")).unwrap();
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
    create(&world, registration("root")).unwrap();
    let taken = create(&world, registration("Root"));
    assert!(matches!(taken, Err(RegistrationError::EmailTaken)));
    let short = builders::password("short");
    let short = Registration::new(Some(email("other")), None, short);
    assert!(matches!(
        create(&world, short.unwrap()),
        Err(RegistrationError::NewPassword(NewPasswordError::Refused(_)))
    ));
    world.hasher.set_overloaded(true);
    let refused = create(&world, registration("other"));
    assert!(matches!(
        refused,
        Err(RegistrationError::NewPassword(
            NewPasswordError::Overloaded(_)
        ))
    ));
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
    let name = Username::parse(alice.id.as_str()).unwrap();
    let imposter = Registration::new(None, Some(name), builders::password(PASSWORD));
    create(&world, imposter.unwrap()).unwrap();
    let found = block_on(world.admins.find(alice.id.as_str())).unwrap();
    assert_eq!(found, Some(alice));
}
