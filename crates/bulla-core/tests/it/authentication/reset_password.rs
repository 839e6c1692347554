//! A forgotten password, replaced by a link.

use bulla_core::{
    account::Account,
    authentication::ResetPasswordError,
    link::{Link, LinkToken},
    mail::LetterContent,
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, PASSWORD, World, email};

const NEW: &str = "a better password by far";

impl World {
    fn forget(&self, name: &str) {
        block_on(self.users.forgot_password(email(name))).unwrap();
    }

    fn reset(&self, token: &LinkToken, password: &str) -> Result<Account, ResetPasswordError> {
        let password = builders::password(password);
        block_on(self.users.reset_password(token, password, None))
    }
}

#[test]
fn the_link_replaces_the_password_and_ends_every_session_and_token() {
    let world = World::new();
    let session = world.register("ada");
    world.forget("ada");
    world.reset(&world.mail.token(), NEW).unwrap();
    assert_eq!(world.verify(&session.access_token), Err("token_revoked"));
    assert!(world.refresh(&session.refresh_token).is_err());
    assert!(world.login("ada", PASSWORD).is_err());
    world.login("ada", NEW).unwrap();
}

#[test]
fn nobody_gets_a_letter_without_an_account_or_with_a_disabled_one() {
    let world = World::new();
    world.forget("nobody");
    assert_eq!(world.mail.take(), []);
    let ada = world.register("ada");
    block_on(world.admins.disable(&ada.account.id, &COMMAND_LINE)).unwrap();
    world.forget("ada");
    assert_eq!(world.mail.take(), []);
    block_on(world.admins.enable(&ada.account.id, &COMMAND_LINE)).unwrap();
    world.forget("ada");
    assert_eq!(world.mail.take().len(), 1);
}

#[test]
fn a_link_is_good_once_and_for_an_hour() {
    let world = World::new();
    world.register("ada");
    world.forget("ada");
    let used = world.mail.token();
    world.reset(&used, NEW).unwrap();
    let again = world.reset(&used, "yet another password");
    assert!(matches!(again, Err(ResetPasswordError::LinkInvalid)));
    world.forget("ada");
    let late = world.mail.token();
    world.clock.advance(Link::RESET_PASSWORD);
    let expired = world.reset(&late, "yet another password");
    assert!(matches!(expired, Err(ResetPasswordError::LinkInvalid)));
    world.login("ada", NEW).unwrap();
}

#[test]
fn a_refused_password_leaves_the_link_as_good_as_before() {
    let world = World::new();
    world.register("ada");
    world.forget("ada");
    let token = world.mail.token();
    for weak in ["short", "password123", "ada@example.com"] {
        let refused = world.reset(&token, weak);
        assert!(matches!(refused, Err(ResetPasswordError::NewPassword(_))));
    }
    world.reset(&token, NEW).unwrap();
}

#[test]
fn a_changed_password_ends_the_links_from_before() {
    let world = World::new();
    world.register("ada");
    world.forget("ada");
    let first = world.mail.token();
    world.forget("ada");
    let second = world.mail.token();
    world.reset(&first, NEW).unwrap();
    let refused = world.reset(&second, "yet another password");
    assert!(matches!(refused, Err(ResetPasswordError::LinkInvalid)));
    world.login("ada", NEW).unwrap();
}

#[test]
fn a_link_for_another_purpose_or_none_at_all_is_refused() {
    let world = World::new();
    world.register("ada");
    block_on(world.users.send_login_link(email("ada"))).unwrap();
    let sign_in = world.mail.token();
    let made_up = LinkToken::parse(&format!("blt_{}", "A".repeat(43))).unwrap();
    for token in [sign_in, made_up] {
        let refused = world.reset(&token, NEW);
        assert!(matches!(refused, Err(ResetPasswordError::LinkInvalid)));
    }
    world.login("ada", PASSWORD).unwrap();
}

#[test]
fn the_letter_goes_to_the_address_as_the_account_has_it() {
    let world = World::new();
    world.register("ada");
    let spelt = bulla_core::account::Email::parse("ADA@Example.com").unwrap();
    block_on(world.users.forgot_password(spelt)).unwrap();
    let letters = world.mail.take();
    assert_eq!(letters[0].to.as_str(), "ada@example.com");
    assert!(matches!(
        letters[0].content,
        LetterContent::ResetPassword(_)
    ));
}
