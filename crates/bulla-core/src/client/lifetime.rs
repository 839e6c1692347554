use std::time::Duration;

/// How long a client's access tokens live: whole seconds, no more than a day's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessLifetime(u64);

/// That is no time for which an access token could live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an access token lives for 1 to {} seconds",
    AccessLifetime::MAX_SECONDS
)]
pub struct InvalidAccessLifetime;

impl AccessLifetime {
    /// As long as everybody's may be: a day.
    pub const MAX_SECONDS: u64 = 24 * 60 * 60;

    /// So many seconds.
    ///
    /// # Errors
    /// [`InvalidAccessLifetime`] unless it is 1 to [`Self::MAX_SECONDS`].
    pub fn from_seconds(seconds: u64) -> Result<Self, InvalidAccessLifetime> {
        match seconds {
            1..=Self::MAX_SECONDS => Ok(Self(seconds)),
            _ => Err(InvalidAccessLifetime),
        }
    }

    /// In seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// The span.
    #[must_use]
    pub const fn span(self) -> Duration {
        Duration::from_secs(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_and_a_day_are_the_limits() {
        for seconds in [1, 900, 86_400] {
            let lifetime = AccessLifetime::from_seconds(seconds).unwrap();
            assert_eq!(lifetime.as_seconds(), seconds);
        }
        for seconds in [0, 86_401, u64::MAX] {
            let refused = AccessLifetime::from_seconds(seconds);
            assert_eq!(refused, Err(InvalidAccessLifetime), "{seconds}");
        }
    }
}
