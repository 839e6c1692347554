//! Signing in by a link or a code.

use bulla_core::{
    authentication::{IssuedSession, LoginByMailError, SessionRequest},
    link::{Link, LinkCode, LinkToken},
};
use futures_executor::block_on;

use crate::world::{COMMAND_LINE, World, device, email};

impl World {
    fn by_link(&self, token: &LinkToken) -> Result<IssuedSession, LoginByMailError> {
        let request = SessionRequest::default();
        block_on(self.users.login_by_link(token, device(), request))
    }

    fn by_code(
        &self,
        asked: &LinkToken,
        code: &LinkCode,
    ) -> Result<IssuedSession, LoginByMailError> {
        let request = SessionRequest::default();
        block_on(self.users.login_by_code(asked, code, device(), request))
    }

    /// A request for a code, and the code.
    fn code(&self, name: &str) -> (LinkToken, LinkCode) {
        let asked = self.users.new_code_request();
        block_on(self.users.send_login_code(email(name), &asked)).unwrap();
        (asked, self.mail.code())
    }
}

fn refused(answer: &Result<IssuedSession, LoginByMailError>) {
    assert!(matches!(answer, Err(LoginByMailError::LinkInvalid)));
}

/// Another code than this one.
fn wrong(code: &LinkCode) -> LinkCode {
    let other = if code.expose() == "00000000" {
        "11111111"
    } else {
        "00000000"
    };
    LinkCode::parse(other).unwrap()
}

#[test]
fn a_link_signs_in_once_and_for_a_quarter_of_an_hour() {
    let world = World::new();
    let ada = world.register("ada");
    block_on(world.users.send_login_link(email("ada"))).unwrap();
    let token = world.mail.token();
    let session = world.by_link(&token).unwrap();
    assert_eq!(session.account.id, ada.account.id);
    world.verify(&session.access_token).unwrap();
    refused(&world.by_link(&token));
    block_on(world.users.send_login_link(email("ada"))).unwrap();
    let late = world.mail.token();
    world.clock.advance(Link::SIGN_IN);
    refused(&world.by_link(&late));
}

#[test]
fn a_code_signs_in_who_asked_for_it_once_and_for_a_quarter_of_an_hour() {
    let world = World::new();
    world.register("ada");
    let (asked, code) = world.code("ada");
    let (other, _) = world.code("ada");
    refused(&world.by_code(&other, &code));
    world.by_code(&asked, &code).unwrap();
    refused(&world.by_code(&asked, &code));
    let (asked, code) = world.code("ada");
    world.clock.advance(Link::SIGN_IN);
    refused(&world.by_code(&asked, &code));
}

#[test]
fn five_wrong_codes_end_the_request() {
    let world = World::new();
    world.register("ada");
    let (asked, code) = world.code("ada");
    for _ in 0..4 {
        refused(&world.by_code(&asked, &wrong(&code)));
    }
    world.by_code(&asked, &code).unwrap();
    let (asked, code) = world.code("ada");
    for _ in 0..5 {
        refused(&world.by_code(&asked, &wrong(&code)));
    }
    refused(&world.by_code(&asked, &code));
}

#[test]
fn a_request_for_a_code_is_no_link() {
    let world = World::new();
    world.register("ada");
    let (asked, code) = world.code("ada");
    refused(&world.by_link(&asked));
    world.by_code(&asked, &code).unwrap();
}

#[test]
fn a_link_to_another_purpose_signs_nobody_in() {
    let world = World::new();
    world.register("ada");
    block_on(world.users.forgot_password(email("ada"))).unwrap();
    refused(&world.by_link(&world.mail.token()));
}

#[test]
fn nobody_gets_a_letter_without_an_account_and_none_lets_in_a_disabled_one() {
    let world = World::new();
    block_on(world.users.send_login_link(email("nobody"))).unwrap();
    let asked = world.users.new_code_request();
    block_on(world.users.send_login_code(email("nobody"), &asked)).unwrap();
    assert_eq!(world.mail.take(), []);
    let ada = world.register("ada");
    block_on(world.users.send_login_link(email("ada"))).unwrap();
    let token = world.mail.token();
    block_on(world.admins.disable(&ada.account.id, &COMMAND_LINE)).unwrap();
    refused(&world.by_link(&token));
}
