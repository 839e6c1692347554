//! Another address, proven by a link.

use bulla_core::{
    account::Email,
    authentication::{ConfirmEmailError, IssuedSession, Proof, ProofError},
    link::{Link, LinkToken},
    mail::{Letter, LetterContent},
};
use bulla_test::builders;
use futures_executor::block_on;

use crate::world::{PASSWORD, World, email};

impl World {
    fn wish(&self, who: &IssuedSession, password: &str, to: &str) -> Result<(), ProofError> {
        let proof = Proof {
            account: who.account.id.clone(),
            session: who.session,
            password: builders::password(password),
            address: None,
        };
        let email = Email::parse(to).unwrap();
        let wish = block_on(self.users.wish_for_email(proof, email))?;
        Ok(block_on(self.users.send_email_wish(wish))?)
    }

    fn confirm_email(&self, token: &LinkToken) -> Result<(), ConfirmEmailError> {
        block_on(self.users.confirm_email(token, None))
    }
}

fn token(letters: &[Letter]) -> LinkToken {
    let token = letters.iter().find_map(|letter| match &letter.content {
        LetterContent::ConfirmEmail(token) => Some(token.clone()),
        _ => None,
    });
    token.expect("a link")
}

#[test]
fn the_link_changes_the_address_and_the_old_one_hears_of_it_before() {
    let world = World::new();
    let ada = world.register("ada");
    world.wish(&ada, PASSWORD, "ada@new.example").unwrap();
    let letters = world.mail.take();
    let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["ada@new.example", "ada@example.com"]);
    assert_eq!(letters[1].content, LetterContent::EmailChangeAsked);
    world.login("ada@example.com", PASSWORD).unwrap();

    world.confirm_email(&token(&letters)).unwrap();
    world.login("ada@new.example", PASSWORD).unwrap();
    assert!(world.login("ada@example.com", PASSWORD).is_err());
    // Tokens that name the old address are over, the session is not.
    assert_eq!(world.verify(&ada.access_token), Err("token_revoked"));
    let next = world.refresh(&ada.refresh_token).unwrap();
    let claims = world.verify(&next.access_token).unwrap();
    assert_eq!(claims["email"], "ada@new.example");
}

#[test]
fn a_link_is_good_once_for_a_day_and_until_the_password_changes() {
    let world = World::new();
    let ada = world.register("ada");
    world.wish(&ada, PASSWORD, "a@new.example").unwrap();
    let used = token(&world.mail.take());
    world.confirm_email(&used).unwrap();
    let again = world.confirm_email(&used);
    assert!(matches!(again, Err(ConfirmEmailError::LinkInvalid)));

    world.wish(&ada, PASSWORD, "b@new.example").unwrap();
    let late = token(&world.mail.take());
    world.clock.advance(Link::CHANGE_EMAIL);
    let expired = world.confirm_email(&late);
    assert!(matches!(expired, Err(ConfirmEmailError::LinkInvalid)));

    world.wish(&ada, PASSWORD, "c@new.example").unwrap();
    let overtaken = token(&world.mail.take());
    let address = Email::parse("a@new.example").unwrap();
    block_on(world.users.forgot_password(address)).unwrap();
    let reset = world.mail.token();
    let new = builders::password("a better password by far");
    block_on(world.users.reset_password(&reset, new, None)).unwrap();
    let void = world.confirm_email(&overtaken);
    assert!(matches!(void, Err(ConfirmEmailError::LinkInvalid)));
}

#[test]
fn a_wrong_password_or_an_ended_session_sends_nothing() {
    let world = World::new();
    let ada = world.register("ada");
    let wrong = world.wish(&ada, "another password", "a@new.example");
    assert!(matches!(wrong, Err(ProofError::CredentialsInvalid)));
    block_on(world.users.logout_session(ada.session, None)).unwrap();
    let over = world.wish(&ada, PASSWORD, "a@new.example");
    assert!(matches!(over, Err(ProofError::Revoked)));
    assert_eq!(world.mail.take(), []);
}

#[test]
fn an_address_that_another_account_has_gets_word_and_no_link() {
    let world = World::new();
    let ada = world.register("ada");
    world.register("bob");
    world.wish(&ada, PASSWORD, "bob@example.com").unwrap();
    let letters = world.mail.take();
    assert_eq!(letters[0].to, email("bob"));
    assert_eq!(letters[0].content, LetterContent::EmailInUse);
    assert_eq!(letters[1].to, email("ada"));
}

#[test]
fn an_address_that_was_taken_meanwhile_is_refused() {
    let world = World::new();
    let ada = world.register("ada");
    world.wish(&ada, PASSWORD, "bob@example.com").unwrap();
    let token = token(&world.mail.take());
    world.register("bob");
    let taken = world.confirm_email(&token);
    assert!(matches!(taken, Err(ConfirmEmailError::EmailTaken)));
}
