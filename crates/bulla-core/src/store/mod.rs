//! The store as the rules see it: each method is one transaction, durable when it returns.

use async_trait::async_trait;

use crate::{
    account::{Account, LoginName},
    audit::AuditEvent,
    ids::{AccountId, SessionId},
    key::StoredSigningKey,
    revocation::RevocationRecord,
    session::{Device, Ended, Generations, Session, Sighting},
    time::Timestamp,
};

/// Accounts, sessions, keys, revocations and the audit log.
///
/// Every implementation passes the one contract suite, `bulla_test::store_contract`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Adds an account, and its first session if one is given.
    async fn create_account(
        &self,
        account: &Account,
        session: Option<&Session>,
        event: &AuditEvent,
    ) -> Result<(), CreateAccountError>;

    /// The account of this identity.
    async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError>;

    /// The account that signs in with this name, compared in folded form.
    async fn account_by_name(&self, name: &LoginName) -> Result<Option<Account>, StoreError>;

    /// Up to `limit` accounts in the order of their identities, those after `after`.
    async fn accounts(
        &self,
        after: Option<&AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError>;

    /// Replaces an account that is still at the revision that was read, ends sessions, and revokes
    /// older tokens, all at once. The revocations that were written come back: one of the account's
    /// older epochs, if asked for, which hits the tokens of the ended sessions too. `None` if the
    /// account is gone or was changed by somebody else meanwhile: read again.
    async fn change_account(
        &self,
        change: &AccountChange,
        event: &AuditEvent,
    ) -> Result<Option<Vec<RevocationRecord>>, ChangeAccountError>;

    /// Removes the account and its sessions, and revokes all its tokens until `revoke_until`.
    /// `None` if there is no such account.
    async fn delete_account(
        &self,
        id: &AccountId,
        revoke_until: Timestamp,
        event: &AuditEvent,
    ) -> Result<Option<Vec<RevocationRecord>>, StoreError>;

    /// Opens a session. With it, the account's live sessions beyond the cap end, the oldest first.
    /// `None` if the account is gone, disabled, or no longer at the epoch at which it signed in (its
    /// password was changed meanwhile).
    async fn create_session(
        &self,
        start: &SessionStart,
    ) -> Result<Option<Vec<RevocationRecord>>, StoreError>;

    /// A session with its account, ended ones too.
    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError>;

    /// The sessions of an account, ended ones too, the newest first.
    async fn sessions(&self, account: &AccountId) -> Result<Vec<Session>, StoreError>;

    /// Moves a live session from `seen` to `next`, if its generations are still exactly `seen`.
    /// `false`: somebody was faster, or the session ended; read again.
    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError>;

    /// Ends a session and revokes its tokens. With `seen`, only if its generations are still those.
    async fn end_session(&self, end: &SessionEnd) -> Result<EndOutcome, StoreError>;

    /// Settles each sighted generation that is its session's newest, was handed out at least
    /// `settle` before it was seen, and is not settled yet. Others are passed over.
    async fn settle(
        &self,
        sightings: &[Sighting],
        settle: std::time::Duration,
    ) -> Result<(), StoreError>;

    /// All signing keys.
    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError>;

    /// Adds the first signing keys. `false` if there are keys already; nothing is written then.
    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError>;

    /// The revocations after `sequence` whose `until` lies after `now`, in order.
    async fn revocations(
        &self,
        after: u64,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError>;

    /// Up to `limit` audit events of an account, the newest first.
    async fn audit_events(
        &self,
        account: &AccountId,
        limit: u32,
    ) -> Result<Vec<AuditEvent>, StoreError>;

    /// Removes at most `batch` sessions that ended (or passed their absolute end) before
    /// `ended_before`, and revocations past their `until`. Returns how many rows went.
    async fn purge(
        &self,
        ended_before: Timestamp,
        now: Timestamp,
        batch: u32,
    ) -> Result<u64, StoreError>;

    /// Whether the store answers.
    async fn check(&self) -> Result<(), StoreError>;
}

/// A change of one account.
#[derive(Debug, Clone)]
pub struct AccountChange {
    /// The account as it shall be, with the revision at which it was read; the store counts it up.
    pub account: Account,
    /// If set, tokens below the new epoch are revoked until then.
    pub revoke_until: Option<Timestamp>,
    /// If set, the account's live sessions end so…
    pub end_sessions: Option<Ended>,
    /// …except this one.
    pub keep_session: Option<SessionId>,
}

impl AccountChange {
    /// The account as it is once the change is stored.
    #[must_use]
    pub fn into_changed(self) -> Account {
        Account {
            revision: self.account.revision.saturating_add(1),
            ..self.account
        }
    }
}

/// A new session for an account that exists.
#[derive(Debug, Clone)]
pub struct SessionStart {
    /// The session.
    pub session: Session,
    /// The account's epoch when its password was checked.
    pub account_epoch: u64,
    /// How many live sessions the account may have, this one among them.
    pub cap: u32,
    /// Past the end of every access token of the sessions that end by the cap.
    pub revoke_until: Timestamp,
    /// What to record with it.
    pub event: AuditEvent,
}

/// One step of a session's generations.
#[derive(Debug, Clone)]
pub struct SessionAdvance {
    /// Which session.
    pub id: SessionId,
    /// Its generations as they were read.
    pub seen: Generations,
    /// Its generations as they shall be.
    pub next: Generations,
    /// When the request arrived.
    pub used_at: Timestamp,
    /// From where.
    pub device: Device,
    /// What to record with it.
    pub event: Option<AuditEvent>,
}

/// The end of one session.
#[derive(Debug, Clone)]
pub struct SessionEnd {
    /// Which session.
    pub id: SessionId,
    /// If set, it ends only while its generations are exactly these.
    pub seen: Option<Generations>,
    /// How and when.
    pub ended: Ended,
    /// Past the end of every access token of the session.
    pub revoke_until: Timestamp,
    /// What to record with it.
    pub event: AuditEvent,
}

/// What came of ending a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndOutcome {
    /// It ended now.
    Ended(RevocationRecord),
    /// There is no such session, or it had ended before.
    NotLive,
    /// Its generations had moved on: read again.
    Moved,
}

/// Why an account could not be added.
#[derive(Debug, thiserror::Error)]
pub enum CreateAccountError {
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

/// Why an account could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeAccountError {
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

/// The store failed; nothing was written, or it cannot be known whether it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or not in time.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It holds what this version cannot read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}
