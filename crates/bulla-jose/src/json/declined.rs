use std::fmt;

use serde::{de, ser};

use super::Reason;

/// Not read or not written here, for whatever reason. Costs nothing: the fast path must not pay for messages that nobody
/// sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declined;

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("declined")
    }
}

impl std::error::Error for Declined {}

impl de::Error for Declined {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl ser::Error for Declined {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl From<Reason> for Declined {
    fn from(_: Reason) -> Self {
        Self
    }
}
