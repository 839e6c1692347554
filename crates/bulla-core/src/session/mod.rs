//! Sessions: one sign-in on one device, carried by refresh tokens of growing generation.

use std::net::IpAddr;

use zeroize::Zeroizing;

use crate::{
    ids::{AccountId, SessionId},
    time::Timestamp,
};

pub mod refresh_token;
pub mod rotation;

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
    pub name: Option<String>,
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

/// What a request tells about the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The `User-Agent` header, cut to 256 bytes.
    pub user_agent: Option<String>,
    /// The client's address as the gateway knows it.
    pub address: Option<IpAddr>,
}

/// How and when a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: EndReason,
}

/// Why a session ended before its time.
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
