//! What can happen.

use std::str::FromStr;

use crate::ids::UnknownName;

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
