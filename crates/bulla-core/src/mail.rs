//! Letters: what is said by mail, to whom. How it is worded and sent is the [`Mailer`](crate::ports::Mailer)'s business.
//!
//! Nothing that a stranger wrote is in any letter: else whoever registers with another's address would have us write to
//! them what he likes.

use crate::{
    account::Email,
    link::{LinkCode, LinkToken},
};

/// One letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Whom it is for.
    pub to: Email,
    /// What it says.
    pub content: LetterContent,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq)]
pub enum LetterContent {
    /// Somebody registered with the address: prove it.
    ConfirmRegistration(LinkToken),
    /// Somebody registered with the address, which has an account already: a new password can be chosen.
    AlreadyRegistered(LinkToken),
    /// The password was forgotten: choose another.
    ResetPassword(LinkToken),
    /// The account shall have this address: prove it.
    ConfirmEmail(LinkToken),
    /// The account shall have another address than this one.
    EmailChangeAsked,
    /// An account should have had this address, which another one has.
    EmailInUse,
    /// Sign in by this link.
    SignInLink(LinkToken),
    /// Sign in by this code.
    SignInCode(LinkCode),
}
