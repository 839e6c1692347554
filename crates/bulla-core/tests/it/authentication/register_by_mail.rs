//! Registering with an address that must be proven first.

use std::time::Duration;

use bulla_core::{
    account::{Email, Username},
    authentication::{
        ConfirmRegistrationError, IssuedSession, KnownVisitor, LoginError, RegisterByMailError,
        SessionRequest,
    },
    ids::AccountId,
    link::{Link, LinkToken},
    mail::LetterContent,
    registration::{Registration, RegistrationError},
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{PASSWORD, World, device, email, registration};

impl World {
    fn ask(&self, registration: Registration) -> Result<(), RegisterByMailError> {
        block_on(self.users.register_by_mail(registration, None))
    }

    fn confirm(&self, token: &LinkToken) -> Result<IssuedSession, ConfirmRegistrationError> {
        let request = SessionRequest::default();
        block_on(
            self.users
                .confirm_registration(token, None, device(), request),
        )
    }

    fn confirm_with(
        &self,
        token: &LinkToken,
        password: &str,
    ) -> Result<IssuedSession, ConfirmRegistrationError> {
        let password = Some(builders::password(password));
        let request = SessionRequest::default();
        block_on(
            self.users
                .confirm_registration(token, password, device(), request),
        )
    }
}

#[test]
fn the_link_makes_the_account_and_signs_it_in() {
    let world = World::new();
    world.ask(registration("ada")).unwrap();
    assert!(
        world.login("ada", PASSWORD).is_err(),
        "nothing is proven yet"
    );
    let letters = world.mail.take();
    let [letter] = &letters[..] else {
        panic!("{letters:?}")
    };
    assert_eq!(letter.to, email("ada"));
    let LetterContent::ConfirmRegistration(token) = &letter.content else {
        panic!("{letter:?}")
    };
    let session = world.confirm(token).unwrap();
    assert_eq!(session.account.email, Some(email("ada")));
    world.verify(&session.access_token).unwrap();
    world.login("ada", PASSWORD).unwrap();
}

#[test]
fn a_link_is_good_once_and_for_a_day() {
    let world = World::new();
    world.ask(registration("ada")).unwrap();
    let used = world.mail.token();
    world.confirm(&used).unwrap();
    let again = world.confirm(&used);
    assert!(matches!(again, Err(ConfirmRegistrationError::LinkInvalid)));

    world.ask(registration("bob")).unwrap();
    let (late, in_time) = (world.mail.token(), Duration::from_millis(1));
    world.clock.advance(Link::REGISTER);
    let expired = world.confirm(&late);
    assert!(matches!(
        expired,
        Err(ConfirmRegistrationError::LinkInvalid)
    ));
    world.ask(registration("bob")).unwrap();
    let token = world.mail.token();
    world.clock.advance(Link::REGISTER - in_time);
    world.confirm(&token).unwrap();
}

#[test]
fn an_address_that_has_an_account_gets_a_letter_and_nobody_else_learns_of_it() {
    let world = World::new();
    world.register("ada");
    let hashed = world.hasher.hashed();
    let other = Username::parse("countess").unwrap();
    let again = Registration::new(
        Some(email("ada")),
        Some(other),
        builders::password(PASSWORD),
    );
    world.ask(again.unwrap()).unwrap();
    assert_eq!(
        world.hasher.hashed(),
        hashed + 1,
        "it costs a hash like any"
    );
    let letters = world.mail.take();
    let [letter] = &letters[..] else {
        panic!("{letters:?}")
    };
    let LetterContent::AlreadyRegistered(token) = &letter.content else {
        panic!("{letter:?}")
    };
    // It makes no second account, and lets the owner in.
    let refused = world.confirm(token);
    assert!(matches!(
        refused,
        Err(ConfirmRegistrationError::LinkInvalid)
    ));
    let new = builders::password("a better password by far");
    block_on(world.users.reset_password(token, new, None)).unwrap();
    world.login("ada", "a better password by far").unwrap();
}

#[test]
fn of_two_who_registered_with_one_address_the_first_to_prove_it_has_it() {
    let world = World::new();
    world.ask(registration("ada")).unwrap();
    let first = world.mail.token();
    world.ask(registration("ada")).unwrap();
    let second = world.mail.token();
    world.confirm(&second).unwrap();
    let late = world.confirm(&first);
    assert!(matches!(late, Err(ConfirmRegistrationError::EmailTaken)));
}

#[test]
fn who_is_not_proven_takes_no_name_from_anybody() {
    let world = World::new();
    world.ask(registration("ada")).unwrap();
    let squatter = world.mail.token();
    let name = Username::parse("ada").unwrap();
    let honest = Email::parse("ada@elsewhere.example").unwrap();
    let password = builders::password(PASSWORD);
    world
        .ask(Registration::new(Some(honest), Some(name), password).unwrap())
        .unwrap();
    world.confirm(&world.mail.token()).unwrap();
    let late = world.confirm(&squatter);
    assert!(matches!(late, Err(ConfirmRegistrationError::UsernameTaken)));
    let taken = world.ask(registration("ada"));
    let Err(RegisterByMailError::Registration(taken)) = taken else {
        panic!("{taken:?}")
    };
    assert!(matches!(taken, RegistrationError::UsernameTaken), "{taken}");
}

#[test]
fn whoever_follows_the_link_can_choose_the_password() {
    const NEW: &str = "eight sealed tablets";
    let world = World::new();
    // Somebody else registered with ada's address.
    world.ask(registration("ada")).unwrap();
    let token = world.mail.token();
    for weak in ["short", "password123", "ada@example.com"] {
        let refused = world.confirm_with(&token, weak);
        assert!(
            matches!(refused, Err(ConfirmRegistrationError::NewPassword(_))),
            "{weak}"
        );
    }
    world.confirm_with(&token, NEW).unwrap();
    let stranger = world.login("ada", PASSWORD);
    assert!(matches!(stranger, Err(LoginError::CredentialsInvalid)));
    world.login("ada", NEW).unwrap();
}

#[test]
fn no_password_is_hashed_for_a_link_that_is_none() {
    let world = World::new();
    world.ask(registration("ada")).unwrap();
    let token = world.mail.token();
    world.confirm(&token).unwrap();
    let hashed = world.hasher.hashed();
    let again = world.confirm_with(&token, "eight sealed tablets");
    assert!(matches!(again, Err(ConfirmRegistrationError::LinkInvalid)));
    assert_eq!(world.hasher.hashed(), hashed);
    world.login("ada", PASSWORD).unwrap();
}

#[test]
fn an_address_is_needed() {
    let world = World::new();
    let name = Username::parse("ada").unwrap();
    let nameless = Registration::new(None, Some(name), builders::password(PASSWORD));
    let refused = world.ask(nameless.unwrap());
    assert!(matches!(refused, Err(RegisterByMailError::EmailMissing)));
    assert_eq!(world.mail.take(), []);
}

#[test]
fn a_visitor_becomes_a_user_under_the_same_identity_by_the_link() {
    let world = World::new();
    let visitor = KnownVisitor {
        id: AccountId::new("anon_visitor").unwrap(),
        issued_at: world.now(),
    };
    let ask = || {
        block_on(
            world
                .users
                .register_by_mail(registration("ada"), Some(visitor.clone())),
        )
    };
    ask().unwrap();
    let token = world.mail.token();
    ask().unwrap();
    let other = world.mail.token();
    let session = world.confirm(&token).unwrap();
    assert_eq!(session.account.id, visitor.id);
    // Above the epoch of all anonymous tokens, which are revoked.
    assert_eq!(session.account.epoch, 1);
    assert!(world.revocations.hits_subject(&visitor.id, 0));
    world.verify(&session.access_token).unwrap();
    let again = world.confirm(&other);
    assert!(matches!(again, Err(ConfirmRegistrationError::LinkInvalid)));
}
