//! Who did something.

use crate::ids::{AccountId, UnknownName};

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
