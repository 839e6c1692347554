//! What happened to an account or session, kept in the same transaction as the act.

use std::{net::IpAddr, str::FromStr};

use crate::{
    ids::{AccountId, SessionId, UnknownName},
    time::Timestamp,
};

/// Where a request that changes something came from.
pub type Origin = Option<IpAddr>;

/// One line of the append-only audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When the request that caused it arrived.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// The account it happened to.
    pub account: AccountId,
    /// The session it happened to, if it was one.
    pub session: Option<SessionId>,
    /// Where the request came from.
    pub address: Origin,
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
    /// The password was changed.
    PasswordChanged,
    /// A session was opened by a login.
    SessionOpened,
    /// A session was ended by its owner or an administrator.
    SessionEnded,
    /// The settled refresh token came again: a reply had been lost on the way.
    RefreshReplyLost,
    /// A refresh token older than the settled one came: theft, the session was ended.
    RefreshReused,
}

impl AuditKind {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::AccountCreated,
        Self::VisitorUpgraded,
        Self::AccountChanged,
        Self::AccountDeleted,
        Self::PasswordChanged,
        Self::SessionOpened,
        Self::SessionEnded,
        Self::RefreshReplyLost,
        Self::RefreshReused,
    ];

    /// The stable name in the store and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountCreated => "account_created",
            Self::VisitorUpgraded => "visitor_upgraded",
            Self::AccountChanged => "account_changed",
            Self::AccountDeleted => "account_deleted",
            Self::PasswordChanged => "password_changed",
            Self::SessionOpened => "session_opened",
            Self::SessionEnded => "session_ended",
            Self::RefreshReplyLost => "refresh_reply_lost",
            Self::RefreshReused => "refresh_reused",
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
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_by_its_name() {
        for kind in AuditKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("session".parse::<AuditKind>(), Err(UnknownName));
    }
}
