//! Sessions: one sign-in on one device, carried by refresh tokens of growing generation.

use std::{str::FromStr, time::Duration};

use zeroize::Zeroizing;

use crate::{
    account::DisplayName,
    ids::{AccountId, SessionId, UnknownName},
    time::Timestamp,
};

mod cap;
mod device;
mod product;
pub mod refresh_token;
pub mod rotation;

pub use cap::SessionCap;
pub use device::{Device, Move};

/// A session as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Claim `sid`.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// Goes into the MAC of the session's refresh tokens; immutable, and useless without the MAC key.
    pub nonce: SessionNonce,
    /// Which refresh tokens are good.
    pub generations: Generations,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The last refresh (or the sign-in).
    pub last_used_at: Timestamp,
    /// Refreshing never goes past this.
    pub absolute_end: Timestamp,
    /// Where it was last used.
    pub device: Device,
    /// What the owner calls it.
    pub name: Option<DisplayName>,
    /// Set once, never cleared.
    pub ended: Option<Ended>,
}

/// 32 random bytes of a session's own.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionNonce(pub Zeroizing<[u8; 32]>);

impl std::fmt::Debug for SessionNonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionNonce(..)")
    }
}

/// Two generations of refresh tokens are good: the newest and the settled one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// The last one handed out.
    pub newest: u64,
    /// When `newest` was last handed out.
    pub handed_out_at: Timestamp,
    /// The last one that was used `settle` or longer after it was handed out. Never above `newest`.
    pub settled: u64,
}

impl Session {
    /// Whether the session has neither ended nor expired, if one that is not used for `idle` has.
    #[must_use]
    pub fn is_live(&self, now: Timestamp, idle: Duration) -> bool {
        let idled = now.since(self.last_used_at) >= idle;
        self.ended.is_none() && !idled && now < self.absolute_end
    }

    /// What its owner calls it, else [its device](Device::name).
    #[must_use]
    pub fn shown_name(&self) -> Option<String> {
        match &self.name {
            Some(name) => Some(name.as_str().to_owned()),
            None => self.device.name(),
        }
    }
}

/// How and when a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

/// Why a session ended before its time. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Its owner logged out or ended it.
    LoggedOut,
    /// An administrator ended it.
    Revoked,
    /// An old refresh token came: somebody had stolen one.
    Theft,
    /// The password was changed elsewhere.
    PasswordChanged,
    /// The account was disabled.
    AccountDisabled,
    /// It was the oldest, and the account had too many.
    TooMany,
    /// Another session took its place in the same browser, so nobody has its tokens any more.
    Replaced,
    /// The store was restored from a backup.
    Restored,
}

impl EndReason {
    const ALL: [Self; 8] = [
        Self::LoggedOut,
        Self::Revoked,
        Self::Theft,
        Self::PasswordChanged,
        Self::AccountDisabled,
        Self::TooMany,
        Self::Replaced,
        Self::Restored,
    ];

    /// The stable name in the store and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Revoked => "revoked",
            Self::Theft => "theft",
            Self::PasswordChanged => "password_changed",
            Self::AccountDisabled => "account_disabled",
            Self::TooMany => "too_many",
            Self::Replaced => "replaced",
            Self::Restored => "restored",
        }
    }
}

impl FromStr for EndReason {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let mut all = Self::ALL.into_iter();
        all.find(|reason| reason.as_str() == name)
            .ok_or(UnknownName)
    }
}

/// An access token was accepted by a gateway: proof that its generation reached the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sighting {
    /// Claim `sid`.
    pub session: SessionId,
    /// Claim `gen`.
    pub generation: u64,
    /// When the gateway saw it.
    pub seen_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_back_by_its_name() {
        for reason in EndReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        assert_eq!("Theft".parse::<EndReason>(), Err(UnknownName));
    }
}
