//! Registering.

use std::time::Duration;

use bulla_core::{
    account::{PasswordRefused, Username},
    audit::AuditKind,
    authentication::{RegisterError, SessionRequest},
    ids::SessionId,
    new_password::NewPasswordError,
    ports::HasherOverloaded,
    registration::{NameMissing, Registration, RegistrationError},
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{PASSWORD, World, device, email, registration};

fn register(world: &World, registration: Registration) -> Result<(), RegistrationError> {
    let request = SessionRequest::default();
    match block_on(world.users.register(registration, None, device(), request)) {
        Ok(_) => Ok(()),
        Err(RegisterError::Registration(error)) => Err(error),
        Err(error) => unreachable!("{error}"),
    }
}

fn username(name: &str) -> Username {
    Username::parse(name).unwrap()
}

#[test]
fn a_registration_is_a_session() {
    let world = World::new();
    let issued = world.register("alice");
    assert_eq!(issued.expires_in, 900);
    assert_eq!(issued.account.roles.len(), 0);
    assert_eq!(issued.account.plan.as_str(), "free");
    assert!(world.refresh(&issued.refresh_token).is_ok());
    let events = world.store.events();
    assert_eq!(events[0].kind, AuditKind::AccountCreated);
    assert_eq!(events[0].address, device().address);
}

#[test]
fn the_access_token_says_who_it_is_for() {
    let world = World::new();
    let issued = world.register("alice");
    let claims = world.verify(&issued.access_token).unwrap();
    assert_eq!(claims["iss"], "https://issuer.example");
    assert_eq!(claims["aud"], "api");
    assert_eq!(claims["client_id"], "bulla");
    assert_eq!(claims["sub"], issued.account.id.as_str());
    assert_eq!(claims["sid"], issued.session.to_string());
    assert_eq!(claims["gen"], 1);
    assert_eq!(claims["epoch"], 0);
    assert_eq!(claims["scope"], "");
    assert_eq!(claims["roles"], serde_json::json!([]));
    assert_eq!(claims["plan"], "free");
    assert_eq!(claims["email"], "alice@example.com");
    assert_eq!(claims["iat"], world.now().as_seconds());
    assert_eq!(claims["exp"], world.now().as_seconds() + 900);
    assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
    // Not listed in `profile_claims`.
    assert_eq!(claims.get("name"), None);
    assert_eq!(claims.get("username"), None);
}

#[test]
fn one_name_is_enough_and_none_is_not() {
    let world = World::new();
    let password = || builders::password(PASSWORD);
    let by_email = Registration::new(Some(email("alice")), None, password());
    register(&world, by_email.unwrap()).unwrap();
    let by_username = Registration::new(None, Some(username("bob")), password());
    register(&world, by_username.unwrap()).unwrap();
    let by_nothing = Registration::new(None, None, password());
    assert_eq!(by_nothing.unwrap_err(), NameMissing);
}

#[test]
fn taken_names_are_refused() {
    let world = World::new();
    world.register("alice");
    let refused = register(&world, registration("ALICE"));
    assert!(matches!(refused, Err(RegistrationError::EmailTaken)));
    let names = (Some(email("bob")), Some(username("alice")));
    let same_username = Registration::new(names.0, names.1, builders::password(PASSWORD));
    let refused = register(&world, same_username.unwrap());
    assert!(matches!(refused, Err(RegistrationError::UsernameTaken)));
    register(&world, registration("bob")).unwrap();
}

#[test]
fn bad_passwords_are_refused_unhashed() {
    let world = World::new();
    let short = builders::password("seven77");
    let short = Registration::new(Some(email("alice")), None, short);
    let refused = register(&world, short.unwrap());
    let reason = NewPasswordError::Refused(PasswordRefused::TooShort { min_length: 8 });
    assert!(matches!(refused, Err(RegistrationError::NewPassword(r)) if r == reason));
    assert_eq!(world.hasher.hashed(), 0);
}

#[test]
fn an_overloaded_hasher_refuses() {
    let world = World::new();
    world.hasher.set_overloaded(true);
    let refused = register(&world, registration("alice"));
    assert!(matches!(
        refused,
        Err(RegistrationError::NewPassword(
            NewPasswordError::Overloaded(HasherOverloaded)
        ))
    ));
    world.hasher.set_overloaded(false);
    register(&world, registration("alice")).unwrap();
}

#[test]
fn a_shorter_access_token_may_be_asked_for_and_a_longer_one_not() {
    let world = World::new();
    for (name, asked, granted) in [("alice", 10, 10), ("bob", 9000, 900), ("carol", 0, 1)] {
        let request = SessionRequest {
            expires_in: Some(Duration::from_secs(asked)),
            ..SessionRequest::default()
        };
        let issued = world
            .users
            .register(registration(name), None, device(), request);
        let issued = block_on(issued).unwrap();
        assert_eq!(issued.expires_in, granted);
        let claims = world.verify(&issued.access_token).unwrap();
        let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!(lifetime, granted);
    }
}

#[test]
fn everybody_gets_identifiers_of_their_own() {
    let world = World::new();
    let (alice, bob) = (world.register("alice"), world.register("bob"));
    assert_ne!(alice.account.id, bob.account.id);
    assert_ne!(alice.session, bob.session);
    let nonce = |id: SessionId| world.session(id).nonce;
    assert!(nonce(alice.session) != nonce(bob.session));
}

#[test]
fn nothing_secret_is_shown_for_debugging() {
    let world = World::new();
    let issued = world.register("alice");
    let session = world.session(issued.session);
    let shown = format!(
        "{issued:?} {session:?} {:?} {:?}",
        registration("bob"),
        world.users
    );
    for secret in [&issued.access_token, &*issued.refresh_token, PASSWORD] {
        assert!(!shown.contains(secret));
    }
    assert!(shown.contains(&issued.account.id.to_string()), "{shown}");
}
