//! Accounts: who somebody is, and what they may claim to be.

use std::collections::BTreeSet;

use crate::{ids::AccountId, time::Timestamp};

mod claims;
mod email;
mod fold;
pub mod hash;
mod label;
mod login_name;
mod name;
mod name_beginning;
mod password;
pub mod policy;
mod username;

pub use claims::{ClaimsRefused, CustomClaims};
pub use email::{Email, InvalidEmail};
pub use hash::PasswordHash;
pub use label::{InvalidLabel, Plan, Role, RolesRefused};
pub use login_name::{InvalidLoginName, LoginName};
pub use name::{DisplayName, InvalidDisplayName};
pub use name_beginning::{InvalidNameBeginning, NameBeginning};
pub use password::{Password, PasswordTooLong};
pub use policy::{OwnNames, PasswordPolicy, PasswordRefused};
pub use username::{InvalidUsername, Username};

/// An account as the store keeps it. At least one of `email` and `username` is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Claim `sub`.
    pub id: AccountId,
    /// One way to sign in.
    pub email: Option<Email>,
    /// The other.
    pub username: Option<Username>,
    /// What to call them.
    pub name: Option<DisplayName>,
    /// How the password is checked.
    pub password: PasswordHash,
    /// Claim `roles`.
    pub roles: BTreeSet<Role>,
    /// Claim `plan`.
    pub plan: Plan,
    /// Custom claims set by an administrator.
    pub claims: CustomClaims,
    /// Claim `epoch`: tokens below the account's are revoked.
    pub epoch: u64,
    /// Set while the account may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Account {
    /// Whether it has a password, which the other one lacks.
    #[must_use]
    pub fn completes(&self, other: &Self) -> bool {
        other.password == PasswordHash::NONE && self.password != PasswordHash::NONE
    }

    /// Whether one of the two names is the other account's too.
    #[must_use]
    pub fn shares_a_name(&self, other: &Self) -> bool {
        let emails = [self, other].map(|account| account.email.as_ref().map(Email::folded));
        let usernames =
            [self, other].map(|account| account.username.as_ref().map(Username::folded));
        [emails, usernames]
            .iter()
            .any(|[one, same]| one.is_some() && one == same)
    }
}
