//! Mail: how letters are worded, delivered, and read in development.

mod doctor;
mod mailbox;
mod post;
mod server;
mod smtp;
mod templates;

use bulla_core::{
    account::Email,
    link::LinkToken,
    mail::{Letter, LetterContent},
};
use bulla_server::{config::values::LinkBase, mail::Templates};
use zeroize::Zeroizing;

fn token() -> LinkToken {
    LinkToken::from_random(&Zeroizing::new([7; 32]))
}

/// A letter to choose another password.
fn letter(to: &str) -> Letter {
    Letter {
        to: Email::parse(to).unwrap(),
        content: LetterContent::ResetPassword(token()),
    }
}

fn links() -> LinkBase {
    "https://app.example.com/account".parse().unwrap()
}

fn templates() -> Templates {
    Templates::load(None, "app.example.com", links()).unwrap()
}
