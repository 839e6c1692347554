//! What changed for a prefix.

use super::{Offence, Rung};
use crate::client::Cidr;

/// A prefix went up the ladder, or came down. Worth a line in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Which prefix.
    pub prefix: Cidr,
    /// Where it stood; `None`: nowhere.
    pub from: Option<Rung>,
    /// Where it stands.
    pub to: Option<Rung>,
    /// What led to it; `None`: that time went by.
    pub offence: Option<Offence>,
    /// When the ban ends, if it is one; milliseconds since 1970.
    pub until: Option<u64>,
}

impl Step {
    /// Whether things got worse.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.to > self.from
    }
}
