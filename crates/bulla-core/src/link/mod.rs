//! Single-use links, which prove that who has one reads an address's mail.
//!
//! A link is a [token](LinkToken) in a letter. Only its hash is stored, with what it is for; it is good once, for a
//! while, and only while the account's epoch stays as it was: a changed password ends the older ones.

mod code;
mod token;

use std::time::Duration;

use crate::{
    account::{Account, DisplayName, Email, PasswordHash, Username},
    ids::AccountId,
    time::Timestamp,
};

pub use code::{CodeMac, LinkCode, LinkKey};
pub use token::{InvalidLinkToken, LinkId, LinkToken};

/// A link as the store keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The hash of its token.
    pub id: LinkId,
    /// What it does when it is used.
    pub purpose: LinkPurpose,
    /// The code that must be known besides; then the token was not in the letter, but the code.
    pub code: Option<CodeMac>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is good for nothing.
    pub expires_at: Timestamp,
}

/// What a link does when it is used.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkPurpose {
    /// Makes the account of who registered, and signs it in.
    Register(NewAccount),
    /// Lets its holder choose another password.
    ResetPassword(LinkHolder),
    /// Gives the account this address.
    ChangeEmail(LinkHolder, Email),
    /// Signs in.
    SignIn(LinkHolder),
}

/// Whose link it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkHolder {
    /// The account.
    pub account: AccountId,
    /// The link is good while this is the account's epoch.
    pub epoch: u64,
}

/// An account that is made once its address is proven. Until then it takes no name from anybody.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAccount {
    /// The visitor without an account who becomes it, under the same identity.
    pub visitor: Option<AccountId>,
    /// The address that is to be proven.
    pub email: Email,
    /// As it was asked for; another may be faster.
    pub username: Option<Username>,
    /// What to call them.
    pub name: Option<DisplayName>,
    /// The password's hash.
    pub password: PasswordHash,
}

impl LinkHolder {
    /// The account as it is now.
    pub(crate) fn of(account: &Account) -> Self {
        Self {
            account: account.id.clone(),
            epoch: account.epoch,
        }
    }

    /// Whether it may still use a link.
    pub(crate) fn is(&self, account: &Account) -> bool {
        account.id == self.account && account.epoch == self.epoch && account.disabled_at.is_none()
    }
}

impl Link {
    /// How often a code may be tried.
    pub const ATTEMPTS: u32 = 5;

    /// How long a registration waits for its address to be proven.
    pub const REGISTER: Duration = Duration::from_secs(24 * 3600);
    /// How long a forgotten password can be replaced.
    pub const RESET_PASSWORD: Duration = Duration::from_secs(3600);
    /// How long a new address can be proven.
    pub const CHANGE_EMAIL: Duration = Duration::from_secs(24 * 3600);
    /// How long one can sign in by a link or code.
    pub const SIGN_IN: Duration = Duration::from_secs(15 * 60);

    /// Whether it can still be used.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl LinkPurpose {
    /// The stable name in the store and on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Register(_) => "register",
            Self::ResetPassword(_) => "reset_password",
            Self::ChangeEmail(..) => "change_email",
            Self::SignIn(_) => "sign_in",
        }
    }

    /// How long such a link is good.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        match self {
            Self::Register(_) => Link::REGISTER,
            Self::ResetPassword(_) => Link::RESET_PASSWORD,
            Self::ChangeEmail(..) => Link::CHANGE_EMAIL,
            Self::SignIn(_) => Link::SIGN_IN,
        }
    }

    /// Whose it is; nobody's before there is an account.
    #[must_use]
    pub const fn holder(&self) -> Option<&LinkHolder> {
        match self {
            Self::Register(_) => None,
            Self::ResetPassword(holder) | Self::ChangeEmail(holder, _) | Self::SignIn(holder) => {
                Some(holder)
            }
        }
    }
}
