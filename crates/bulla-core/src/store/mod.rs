//! The store as the rules see it: each method is one transaction, durable when it returns.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    account::{Account, DisplayName, Email, LoginName},
    audit::{AuditEvent, AuditFilter, AuditRecord},
    ids::{AccountId, SessionId},
    key::StoredSigningKey,
    link::{Link, LinkId},
    revocation::{RevocationRecord, RevocationTerm},
    session::{Device, Ended, Generations, Session, SessionCap, Sighting},
    time::Timestamp,
};

/// Accounts, sessions, keys, revocations and the audit log.
///
/// A store is made with a [`RevocationSink`](crate::ports::RevocationSink). What a method writes it
/// does whole, even if its future is dropped once it was polled to where it waits for the store;
/// and every revocation that it wrote is in the sink, in the order of the sequence, before the
/// method returns, as soon as anybody can see what was written with it through the same store.
///
/// A revocation's `until` is what [`RevocationTerm::until`] says for the sessions that it hits
/// and for the longest access lifetime that was noted.
///
/// Every implementation passes the one contract suite, `bulla_test::store_contract`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Adds an account, and its first session if one is given. An identity that is taken comes before a name that is.
    async fn create_account(
        &self,
        account: &Account,
        session: Option<&Session>,
        event: &AuditEvent,
    ) -> Result<(), CreateAccountError>;

    /// Adds the account that a visitor becomes, with its first session, and revokes the visitor's tokens by one record of
    /// the epochs below the account's. Of many at once, one becomes it.
    async fn upgrade_visitor(&self, upgrade: &VisitorUpgrade) -> Result<(), CreateAccountError>;

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

    /// Removes the account and its sessions, and revokes all its tokens.
    /// `false` if there is no such account.
    async fn delete_account(
        &self,
        id: &AccountId,
        revoke: RevocationTerm,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Opens a session. With it, the account's live sessions [beyond the
    /// cap](SessionCap::surplus) end and are revoked, the oldest first. `false` if the account is
    /// gone, disabled, or no longer at the epoch at which it signed in (its password was changed
    /// meanwhile).
    async fn create_session(&self, start: &SessionStart) -> Result<bool, StoreError>;

    /// A session with its account, ended ones too.
    async fn session(&self, id: SessionId) -> Result<Option<(Session, Account)>, StoreError>;

    /// Up to `limit` sessions of an account, ended ones too, the newest first.
    async fn sessions(&self, account: &AccountId, limit: u32) -> Result<Vec<Session>, StoreError>;

    /// Up to `limit` of the account's sessions that are [live](Session::is_live), the newest first.
    /// However many have ended, they are not read.
    async fn live_sessions(
        &self,
        account: &AccountId,
        now: Timestamp,
        idle: Duration,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;

    /// Moves a live session from `seen` to `next`, if its generations are still exactly `seen`, and
    /// it is changed by that or was last used on another device. `false`: somebody was faster, or
    /// the session ended; read again.
    async fn advance_session(&self, advance: &SessionAdvance) -> Result<bool, StoreError>;

    /// Gives a session that has not ended another name, or none. `false` if there is none.
    async fn rename_session(
        &self,
        id: SessionId,
        name: Option<&DisplayName>,
        event: &AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Ends a session and revokes its tokens. With `seen`, only if its generations are still those.
    /// `false` if there is no such session, it had ended before, or its generations had moved on.
    async fn end_session(&self, end: &SessionEnd) -> Result<bool, StoreError>;

    /// Ends all sessions of an account that have not ended yet, or all but one; revokes the tokens
    /// of each by a record of its own. Returns how many ended.
    async fn end_sessions(&self, end: &SessionsEnd) -> Result<u64, StoreError>;

    /// Moves the generations of each sighted session that has not ended as
    /// [`Generations::sighted`] says.
    async fn settle(&self, sightings: &[Sighting], settle: Duration) -> Result<(), StoreError>;

    /// All signing keys.
    async fn signing_keys(&self) -> Result<Vec<StoredSigningKey>, StoreError>;

    /// Adds the first signing keys. `false` if there are keys already; nothing is written then.
    async fn create_first_signing_keys(
        &self,
        keys: &[StoredSigningKey],
    ) -> Result<bool, StoreError>;

    /// Notes that access tokens may live so long from now on. Every later revocation outlives the
    /// longest lifetime that was ever noted, so it is noted before the first token is signed.
    async fn note_access_lifetime(&self, lifetime: Duration) -> Result<(), StoreError>;

    /// The revocations after `sequence` whose `until` lies after `now`, in order.
    async fn revocations(
        &self,
        after: u64,
        now: Timestamp,
    ) -> Result<Vec<RevocationRecord>, StoreError>;

    /// Records what changed nothing else.
    async fn record(&self, event: &AuditEvent) -> Result<(), StoreError>;

    /// Up to `limit` audit events, the newest first.
    async fn audit_events(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError>;

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

    /// Removes what no longer counts, at most `batch` of each kind. Returns how many rows went.
    async fn purge(&self, retention: Retention, batch: u32) -> Result<u64, StoreError>;

    /// Whether the store answers.
    async fn check(&self) -> Result<(), StoreError>;
}

/// A visitor without an account becomes a user.
#[derive(Debug, Clone)]
pub struct VisitorUpgrade {
    /// The account, under the identity that the visitor had, and at an epoch above that of the visitor's tokens.
    pub account: Account,
    /// Its first session.
    pub session: Session,
    /// When the visitor's token was issued that asks for it.
    pub handed_out_at: Timestamp,
    /// How long to remember that the visitor's tokens are revoked.
    pub revoke: RevocationTerm,
    /// What to record with it.
    pub event: AuditEvent,
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

/// What a link does.
pub enum LinkAct {
    /// As [`Store::create_account`].
    CreateAccount {
        /// The account.
        account: Box<Account>,
        /// Its first session.
        session: Box<Session>,
        /// What to record with it.
        event: AuditEvent,
    },
    /// As [`Store::upgrade_visitor`].
    UpgradeVisitor(Box<VisitorUpgrade>),
    /// As [`Store::change_account`].
    ChangeAccount {
        /// Which account.
        account: AccountId,
        /// What to make of it.
        decision: AccountDecision,
    },
    /// Gives an account another address.
    ChangeEmail(EmailChange),
    /// As [`Store::create_session`].
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

/// How far back things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Sessions that ended, or passed their absolute end, before then go.
    pub ended_before: Timestamp,
    /// Revocations whose `until` is not after this go.
    pub revoked_until: Timestamp,
    /// Links that expired before then go, and with them who never proved their address.
    pub expired_before: Timestamp,
    /// Audit events from before then go; `None`: none do.
    pub recorded_before: Option<Timestamp>,
}

/// A new session for an account that exists.
#[derive(Debug, Clone)]
pub struct SessionStart {
    /// The session.
    pub session: Session,
    /// The account's epoch when its password was checked.
    pub account_epoch: u64,
    /// How many sessions the account may have beside it.
    pub cap: SessionCap,
    /// How the sessions beyond the cap end.
    pub surplus_ends: Ended,
    /// What to record for each of them, with its identity put in.
    pub surplus_event: AuditEvent,
    /// How long to remember that the tokens of the sessions that end by the cap are revoked.
    pub revoke: RevocationTerm,
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
    pub events: Vec<AuditEvent>,
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
    /// How long to remember that its tokens are revoked.
    pub revoke: RevocationTerm,
    /// What to record with it.
    pub event: AuditEvent,
}

/// The end of an account's sessions.
#[derive(Debug, Clone)]
pub struct SessionsEnd {
    /// Whose.
    pub account: AccountId,
    /// If set, this one goes on.
    pub keep: Option<SessionId>,
    /// How and when they end.
    pub ended: Ended,
    /// How long to remember that their tokens are revoked.
    pub revoke: RevocationTerm,
    /// What to record for each session that ends, with its identity put in.
    pub event: AuditEvent,
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

/// The store failed; nothing was written, or it cannot be known whether it was.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or not in time: trying again may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It holds what this version cannot read: trying again will not help.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}
