use std::{fmt, time::Duration};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted: a `NumericDate` (RFC 7519 section 2) in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The last second of the year 9999. A later time in a token is refused: it is milliseconds, or an attack.
    pub(crate) const MAX_IN_TOKENS: Self = Self(253_402_300_799);

    /// From a `NumericDate` without its fraction.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// As a `NumericDate`.
    #[must_use]
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// This time and the whole seconds of `duration`, at most the last time there is.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
