//! What is looked at.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of a Bulla and of what it stands on, in the order in which they are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Keys of the configuration that can be used and had better be others.
    Configuration,
    /// Who can reach what, and who reads along.
    Listeners,
    /// The certificate of the public listener.
    Tls,
    /// The proxies in front.
    Proxies,
    /// What clients get where they come to.
    PublicUrl,
    /// The data folder, and who else can read what is secret.
    Files,
    /// The disk that the data folder is on.
    Disk,
    /// Accounts and sessions.
    Store,
    /// What signs tokens.
    Keys,
    /// The time.
    Clock,
    /// Whether letters can be sent.
    Mail,
    /// What the system lets the process do.
    Process,
}

impl Area {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Listeners => "listeners",
            Self::Tls => "tls",
            Self::Proxies => "proxies",
            Self::PublicUrl => "public_url",
            Self::Files => "files",
            Self::Disk => "disk",
            Self::Store => "store",
            Self::Keys => "keys",
            Self::Clock => "clock",
            Self::Mail => "mail",
            Self::Process => "process",
        }
    }
}
