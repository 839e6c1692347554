//! Accounts: made, read, changed and deleted.

use async_trait::async_trait;

use super::{SessionEnd, StoreError};
use crate::{
    account::{Account, LoginName, NameBeginning, PasswordHash},
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    revocation::RevocationTerm,
    session::{Ended, Session},
    time::Timestamp,
};

/// Accounts.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Adds an account. An identity that is taken comes before a name that is.
    async fn create_account(&self, creation: &AccountCreation) -> Result<(), CreateAccountError>;

    /// The account of this identity.
    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError>;

    /// The account that signs in with this name, compared in folded form.
    async fn account_by_name(&self, name: &LoginName) -> Result<Option<Account>, StoreError>;

    /// Up to `limit` accounts in the order of their identities, those after `after`; with a beginning, those whose email
    /// address or user name begins so.
    async fn accounts(
        &self,
        beginning: Option<&NameBeginning>,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError>;

    /// Lets `decision` look at the account as it is while nobody else can change it, and does what
    /// it says, in the same transaction: replaces all of the account but its names; ends sessions,
    /// and revokes older tokens by one record of the account's older epochs, which hits the tokens
    /// of the ended sessions too. Nothing is written if it says nothing.
    ///
    /// The decision is called at most once, and never again on what was read before: a change
    /// waits for its turn, but no crowd of others can make it fail. Where there is more than one
    /// writer, the row is read by `SELECT … FOR UPDATE`.
    async fn change_account(
        &self,
        id: &AccountId,
        decision: AccountDecision,
    ) -> Result<AccountOutcome, StoreError>;

    /// Puts `new` in the place of the account's hash, if that is still `old`. Nothing else changes, and nothing is
    /// recorded: it is the same password. `false`: the account is gone, or has another hash.
    async fn replace_password_hash(
        &self,
        id: &AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError>;

    /// Removes the account and its sessions, and revokes all its tokens.
    /// `false` if there is no such account.
    async fn delete_account(
        &self,
        id: &AccountId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;
}

/// A new account.
#[derive(Debug, Clone)]
pub struct AccountCreation {
    /// The account.
    pub account: Account,
    /// Its first session.
    pub session: Option<Session>,
    /// The end of somebody's session that the first one takes the place of.
    pub replaces: Option<SessionEnd>,
    /// Set if a visitor becomes the account, under the identity that he had.
    pub visitor: Option<VisitorEnd>,
    /// What to record with it.
    pub event: AuditEvent,
}

/// The end of a visitor's tokens: one record revokes those of the epochs below the account's.
#[derive(Debug, Clone, Copy)]
pub struct VisitorEnd {
    /// When the last of them may have been issued.
    pub handed_out_at: Timestamp,
    /// How long to remember that they are revoked.
    pub revoke: RevocationTerm,
}

/// What to make of an account as it is now; `None` leaves it so.
pub type AccountDecision = Box<dyn FnOnce(&Account) -> Option<AccountChange> + Send>;

/// A change of one account.
#[derive(Debug, Clone)]
pub struct AccountChange {
    /// The account as it shall be, under the names that it has.
    pub account: Account,
    /// If set, tokens below the new epoch are revoked.
    pub revoke: Option<RevocationTerm>,
    /// If set, the account's sessions that have not ended end so…
    pub end_sessions: Option<Ended>,
    /// …except this one.
    pub keep_session: Option<SessionId>,
    /// What to record with it.
    pub event: AuditEvent,
}

impl AccountChange {
    /// What is stored in place of `before`.
    #[must_use]
    pub fn applied_to(&self, before: &Account) -> Account {
        Account {
            id: before.id.clone(),
            email: before.email.clone(),
            username: before.username.clone(),
            created_at: before.created_at,
            ..self.account.clone()
        }
    }
}

/// What became of an account that was to be changed.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountOutcome {
    /// There is no such account.
    NotFound,
    /// The decision left it as it is: so.
    Unchanged(Account),
    /// It is so now.
    Changed(Account),
}

/// Why an account could not be added.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// There is an account of this identity.
    #[error("the identity is taken")]
    IdentityTaken,
    /// Another account has this email address.
    #[error("the email address is taken")]
    EmailTaken,
    /// Another account has this user name.
    #[error("the user name is taken")]
    UsernameTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
