//! Accounts that were exported elsewhere.

use async_trait::async_trait;

use super::StoreError;
use crate::{account::Account, audit::AuditEvent, time::Timestamp};

/// Many accounts at once.
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Adds each of the accounts that can be added, in their order, in one transaction. What became of each, in the
    /// same order. One that is there under one of the names keeps all it has; if it has no password, it gets this one.
    async fn import_accounts(
        &self,
        import: &AccountImport,
    ) -> Result<Vec<ImportOutcome>, StoreError>;
}

/// Accounts to be added.
#[derive(Debug, Clone)]
pub struct AccountImport {
    /// The accounts.
    pub accounts: Vec<ImportEntry>,
    /// The time now.
    pub now: Timestamp,
    /// Whether nothing is kept: it is only asked what would become of them.
    pub rehearsal: bool,
}

/// An account to be added.
#[derive(Debug, Clone)]
pub struct ImportEntry {
    /// The account.
    pub account: Account,
    /// What to record of its making.
    pub created: AuditEvent,
    /// What to record if it is there, and only gets its password.
    pub password_added: AuditEvent,
}

/// What became of an account that was to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It is there now.
    Created,
    /// An account of its identity was there before, and is as it was.
    Present,
    /// An account of its identity is there, and has none of its names.
    IdentityTaken,
    /// An account of its identity was there without a password, and has this one now.
    PasswordAdded,
    /// Another account has the email address, or one that looks like it.
    EmailTaken,
    /// Another account has the user name, or one that looks like it.
    UsernameTaken,
    /// All tokens of its identity are refused until then: an account that had it was deleted.
    Deleted {
        /// When the last of them has expired.
        until: Timestamp,
    },
}
