//! Single-use links, and what is done with the one that is spent.

use async_trait::async_trait;

use super::{AccountCreation, AccountDecision, SessionStart, StoreError};
#[cfg(doc)]
use super::{AccountStore, SessionStore};
use crate::{
    account::Email,
    audit::AuditEvent,
    ids::AccountId,
    link::{Link, LinkId},
    revocation::RevocationTerm,
};

/// Single-use links.
#[async_trait]
pub trait LinkStore: Send + Sync {
    /// Keeps a link. One with a code may be [attempted](Self::attempt_link) [`Link::ATTEMPTS`] times.
    async fn add_link(&self, link: &Link) -> Result<(), StoreError>;

    /// The link, an expired one too, until it is spent, purged, or its account deleted.
    async fn link(&self, id: LinkId) -> Result<Option<Link>, StoreError>;

    /// Up to `limit` links of an account, the newest first.
    async fn links(&self, account: &AccountId, limit: u32) -> Result<Vec<Link>, StoreError>;

    /// The link with a code, and one attempt fewer from now on. `None` if there is none, or no attempt is left: however
    /// many try at once, no more get to see it.
    async fn attempt_link(&self, id: LinkId) -> Result<Option<Link>, StoreError>;

    /// Removes the link and does the act, in one transaction, or neither.
    async fn spend_link(&self, id: LinkId, act: LinkAct) -> Result<LinkOutcome, StoreError>;
}

/// What a link does.
pub enum LinkAct {
    /// As [`AccountStore::create_account`].
    CreateAccount(Box<AccountCreation>),
    /// As [`AccountStore::change_account`].
    ChangeAccount {
        /// Which account.
        account: AccountId,
        /// What to make of it.
        decision: AccountDecision,
    },
    /// Gives an account another address.
    ChangeEmail(Box<EmailChange>),
    /// As [`SessionStore::create_session`].
    CreateSession(Box<SessionStart>),
}

/// Another address for an account that is still at the epoch at which it was asked for. Tokens with the older address
/// are revoked: the account is at the next epoch then.
#[derive(Debug, Clone)]
pub struct EmailChange {
    /// Whose.
    pub account: AccountId,
    /// The account's epoch.
    pub epoch: u64,
    /// The address.
    pub email: Email,
    /// How long to remember that older tokens are revoked.
    pub revoke: RevocationTerm,
    /// What to record with it.
    pub event: AuditEvent,
}

/// What became of a link that was to be spent. Unless it was done, everything is as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkOutcome {
    /// It is spent, and what it is for is done.
    Done,
    /// There is no such link: it was spent before, say.
    NotFound,
    /// Another account has the address.
    EmailTaken,
    /// Another account has the user name.
    UsernameTaken,
    /// The account is gone or disabled, or has moved on.
    Void,
}
