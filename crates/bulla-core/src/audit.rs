//! Who did what to whom, from where: kept in the same transaction as the act.

use std::{net::IpAddr, str::FromStr};

use bulla_jose::jwk::KeyId;

use crate::{
    ids::{AccountId, AddressRange, ClientId, SessionId, UnknownName},
    time::Timestamp,
};

/// There is one, which needs no name.
const STORE: &str = "store";

/// Where a request that changes something came from.
pub type Origin = Option<IpAddr>;

/// One line of the append-only audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When the request that caused it arrived.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// Who did it.
    pub actor: Actor,
    /// Whom or what it happened to.
    pub subject: AuditSubject,
    /// The session it happened to, if it was one.
    pub session: Option<SessionId>,
    /// Where the request came from.
    pub address: Origin,
    /// More of what happened, in words for people, which may change. It outlives the account, so it
    /// holds nothing personal.
    pub detail: Option<String>,
}

/// Whom or what something happened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditSubject {
    /// An account.
    Account(AccountId),
    /// A client.
    Client(ClientId),
    /// A signing key.
    SigningKey(KeyId),
    /// Whoever comes from these addresses.
    Addresses(AddressRange),
    /// All that the store holds.
    Store,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The account or client that it happened to.
    Owner,
    /// Another account, which has the role for it.
    Administrator(AccountId),
    /// Whoever may open the data folder: the command line.
    CommandLine,
    /// Bulla itself, by one of its rules.
    System,
    /// Whoever has not proven who it is.
    Unknown,
    /// That was not recorded: the event is older than its recording.
    Unrecorded,
}

/// Which part of the audit log; what is `None` asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// What happened to this one.
    pub subject: Option<AuditSubject>,
    /// What happened so.
    pub kind: Option<AuditKind>,
    /// What this administrator did.
    pub administrator: Option<AccountId>,
    /// What was recorded before the event of this number.
    pub before: Option<u64>,
}

/// An event in its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Later events have greater numbers, and no number comes again.
    pub number: u64,
    /// The event.
    pub event: AuditEvent,
}

/// What happened. The wire names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditKind {
    /// An account was made, by registration or by an administrator.
    AccountCreated,
    /// A visitor without an account became a user.
    VisitorUpgraded,
    /// Roles, plan, claims or name changed, or the account was disabled or enabled.
    AccountChanged,
    /// The account was deleted.
    AccountDeleted,
    /// All that is held about the account was read out.
    AccountExported,
    /// The password was changed.
    PasswordChanged,
    /// The email address was changed.
    EmailChanged,
    /// A session was opened by a login.
    SessionOpened,
    /// A session was ended by its owner or an administrator.
    SessionEnded,
    /// All sessions of all accounts were ended at once.
    AllSessionsEnded,
    /// The store was restored from a backup: what was recorded between that and this event is not in the log.
    StoreRestored,
    /// Its owner gave a session another name.
    SessionRenamed,
    /// The settled refresh token came again: a reply had been lost on the way.
    RefreshReplyLost,
    /// A session was refreshed from another browser family, operating system or network than before.
    RefreshElsewhere,
    /// It would have been, which is not allowed: nothing was handed out, and the session goes on.
    RefreshRefused,
    /// A refresh token older than the settled one came: theft, the session was ended.
    RefreshReused,
    /// A client was made.
    ClientCreated,
    /// A client's name, scopes, audiences or lifetime changed, or it was disabled or enabled.
    ClientChanged,
    /// A client was removed.
    ClientRemoved,
    /// A client revoked one of its access tokens.
    ClientTokenRevoked,
    /// Another algorithm was configured for new signing keys, for all issuers of the store.
    KeyAlgorithmChanged,
    /// A signing key was made.
    KeyMade,
    /// A signing key came from elsewhere.
    KeyImported,
    /// It was decided from when on a signing key signs.
    KeyPromoted,
    /// A signing key was forgotten, because its last token had ended or because another one became the next.
    KeyRetired,
    /// A signing key was revoked, and all that it had signed.
    KeyRevoked,
    /// Somebody said a wrong password of the account, once or often.
    PasswordWrong,
    /// Addresses were banned by an administrator.
    BanAdded,
    /// What was on addresses was lifted by an administrator.
    BanRemoved,
}

impl AuditEvent {
    /// What the owner of an account, or a client, did to it.
    #[must_use]
    pub fn by_owner(
        kind: AuditKind,
        subject: impl Into<AuditSubject>,
        at: Timestamp,
        from: Origin,
    ) -> Self {
        Self {
            at,
            kind,
            actor: Actor::Owner,
            subject: subject.into(),
            session: None,
            address: from,
            detail: None,
        }
    }

    /// To this session, or in it.
    #[must_use]
    pub fn in_session(self, id: SessionId) -> Self {
        Self {
            session: Some(id),
            ..self
        }
    }
}

impl AuditFilter {
    /// What happened to one account.
    #[must_use]
    pub fn of_account(id: &AccountId) -> Self {
        Self {
            subject: Some(id.clone().into()),
            ..Self::default()
        }
    }

    /// Whether the record is part of it.
    #[must_use]
    pub fn accepts(&self, record: &AuditRecord) -> bool {
        let AuditRecord { number, event } = record;
        let by = |id| event.actor == Actor::Administrator(id);
        let about = |subject| event.subject == subject;
        self.subject.clone().is_none_or(about)
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.administrator.clone().is_none_or(by)
            && self.before.is_none_or(|before| *number < before)
    }
}

impl AuditSubject {
    /// The stable name of its kind in the store.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Client(_) => "client",
            Self::SigningKey(_) => "signing_key",
            Self::Addresses(_) => "addresses",
            Self::Store => STORE,
        }
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Account(id) => id.as_str(),
            Self::Client(id) => id.as_str(),
            Self::SigningKey(id) => id.as_str(),
            Self::Addresses(range) => range.as_str(),
            Self::Store => STORE,
        }
    }

    /// Reads the name of a kind, and the identity that belongs to it.
    ///
    /// # Errors
    /// [`UnknownName`] if there is no such kind, or the identity is none of its kind.
    pub fn read(kind: &str, id: &str) -> Result<Self, UnknownName> {
        let read = match kind {
            "account" => AccountId::new(id).ok().map(Self::Account),
            "client" => ClientId::new(id).ok().map(Self::Client),
            "signing_key" => KeyId::new(id).ok().map(Self::SigningKey),
            "addresses" => AddressRange::parse(id).ok().map(Self::Addresses),
            STORE => (id == STORE).then_some(Self::Store),
            _ => None,
        };
        read.ok_or(UnknownName)
    }
}

impl From<AccountId> for AuditSubject {
    fn from(id: AccountId) -> Self {
        Self::Account(id)
    }
}

impl From<&ClientId> for AuditSubject {
    fn from(id: &ClientId) -> Self {
        Self::Client(id.clone())
    }
}

impl From<&AccountId> for AuditSubject {
    fn from(id: &AccountId) -> Self {
        Self::Account(id.clone())
    }
}

impl From<AddressRange> for AuditSubject {
    fn from(range: AddressRange) -> Self {
        Self::Addresses(range)
    }
}

impl From<&KeyId> for AuditSubject {
    fn from(id: &KeyId) -> Self {
        Self::SigningKey(id.clone())
    }
}

impl Actor {
    /// The stable name in the store and on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator(_) => "administrator",
            Self::CommandLine => "command_line",
            Self::System => "system",
            Self::Unknown => "unknown",
            Self::Unrecorded => "unrecorded",
        }
    }

    /// The administrator's account, if it is one.
    #[must_use]
    pub const fn administrator(&self) -> Option<&AccountId> {
        match self {
            Self::Administrator(id) => Some(id),
            _ => None,
        }
    }

    /// Reads the name, and the administrator that belongs to it.
    ///
    /// # Errors
    /// [`UnknownName`] if there is no such name, or an administrator too many or too few.
    pub fn read(name: &str, administrator: Option<AccountId>) -> Result<Self, UnknownName> {
        match (name, administrator) {
            ("owner", None) => Ok(Self::Owner),
            ("administrator", Some(id)) => Ok(Self::Administrator(id)),
            ("command_line", None) => Ok(Self::CommandLine),
            ("system", None) => Ok(Self::System),
            ("unknown", None) => Ok(Self::Unknown),
            ("unrecorded", None) => Ok(Self::Unrecorded),
            _ => Err(UnknownName),
        }
    }
}

impl AuditKind {
    /// All there are.
    pub const ALL: [Self; 29] = [
        Self::AccountCreated,
        Self::VisitorUpgraded,
        Self::AccountChanged,
        Self::AccountDeleted,
        Self::AccountExported,
        Self::PasswordChanged,
        Self::EmailChanged,
        Self::SessionOpened,
        Self::SessionEnded,
        Self::AllSessionsEnded,
        Self::StoreRestored,
        Self::RefreshReplyLost,
        Self::SessionRenamed,
        Self::RefreshElsewhere,
        Self::RefreshRefused,
        Self::RefreshReused,
        Self::ClientCreated,
        Self::ClientChanged,
        Self::ClientRemoved,
        Self::ClientTokenRevoked,
        Self::KeyAlgorithmChanged,
        Self::KeyMade,
        Self::KeyImported,
        Self::KeyPromoted,
        Self::KeyRetired,
        Self::KeyRevoked,
        Self::PasswordWrong,
        Self::BanAdded,
        Self::BanRemoved,
    ];

    /// The stable name in the store and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account_created",
            Self::VisitorUpgraded => "visitor_upgraded",
            Self::AccountChanged => "account_changed",
            Self::AccountDeleted => "account_deleted",
            Self::AccountExported => "account_exported",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::SessionOpened => "session_opened",
            Self::SessionEnded => "session_ended",
            Self::AllSessionsEnded => "all_sessions_ended",
            Self::StoreRestored => "store_restored",
            Self::RefreshReplyLost => "refresh_reply_lost",
            Self::SessionRenamed => "session_renamed",
            Self::RefreshElsewhere => "refresh_elsewhere",
            Self::RefreshRefused => "refresh_refused",
            Self::RefreshReused => "refresh_reused",
            Self::ClientCreated => "client_created",
            Self::ClientChanged => "client_changed",
            Self::ClientRemoved => "client_removed",
            Self::ClientTokenRevoked => "client_token_revoked",
            Self::KeyAlgorithmChanged => "key_algorithm_changed",
            Self::KeyMade => "key_made",
            Self::KeyImported => "key_imported",
            Self::KeyPromoted => "key_promoted",
            Self::KeyRetired => "key_retired",
            Self::KeyRevoked => "key_revoked",
            Self::PasswordWrong => "password_wrong",
            Self::BanAdded => "ban_added",
            Self::BanRemoved => "ban_removed",
        }
    }
}

impl FromStr for AuditKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.as_str() == name).ok_or(UnknownName)
    }
}

#[cfg(test)]
mod tests;
