//! What a bucket holds, and how fast it leaks.

use std::{num::NonZeroU32, time::Duration};

use serde_json::{Value, json};

use super::{Per, Rate};

/// The shortest time between two requests that a rate may mean: a nanosecond more or less is 0.1 % of it.
const SHORTEST: u64 = 1_000;

/// The longest time in which a full bucket may become empty.
const LONGEST: u64 = Duration::from_secs(400 * 24 * 60 * 60).as_nanos() as u64;

/// How many may come at once, and how fast they may come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    rate: Rate,
    burst: NonZeroU32,
    /// Nanoseconds until one has leaked. Rounded up, so that never more pass than the rate says.
    interval: u64,
}

/// A quota that cannot be counted exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidQuota {
    /// The rate is above a million a second.
    #[error("a rate may be a million a second at most")]
    TooFast,
    /// The burst is more than what the rate gives in 400 days.
    #[error("a burst may be as much as 400 days of its rate at most")]
    TooSlow,
}

impl Quota {
    /// A bucket for `burst`, which leaks at `rate`.
    ///
    /// # Errors
    /// [`InvalidQuota`] for what is far from any use.
    pub const fn new(rate: Rate, burst: NonZeroU32) -> Result<Self, InvalidQuota> {
        let span = rate.per.span().as_secs() * 1_000_000_000;
        let count = rate.count.get() as u64;
        if span / count < SHORTEST {
            return Err(InvalidQuota::TooFast);
        }
        let interval = span.div_ceil(count);
        match interval.checked_mul(burst.get() as u64) {
            Some(capacity) if capacity <= LONGEST => Ok(Self {
                rate,
                burst,
                interval,
            }),
            _ => Err(InvalidQuota::TooSlow),
        }
    }

    /// So many in that span, of which so many at once: for constants. What [`new`](Self::new) refuses does not compile there.
    ///
    /// # Panics
    /// Elsewhere, if [`new`](Self::new) refuses it, or a number is 0.
    #[must_use]
    pub const fn known(count: u32, per: Per, burst: u32) -> Self {
        let (Some(count), Some(burst)) = (NonZeroU32::new(count), NonZeroU32::new(burst)) else {
            unreachable!()
        };
        match Self::new(Rate { count, per }, burst) {
            Ok(quota) => quota,
            Err(_) => unreachable!(),
        }
    }

    /// So many times as much, at once and in the long run. What would be too fast to be counted stays as it is.
    #[must_use]
    pub fn times(&self, factor: u32) -> Self {
        let (count, burst) = (self.rate.count, self.burst);
        let more = |number: NonZeroU32| number.checked_mul(NonZeroU32::new(factor)?);
        let larger = || {
            let count = more(count)?;
            Self::new(Rate { count, ..self.rate }, more(burst)?).ok()
        };
        larger().unwrap_or(*self)
    }

    /// The rate, as it was said.
    #[must_use]
    pub const fn rate(&self) -> Rate {
        self.rate
    }

    /// How many fit an empty bucket.
    #[must_use]
    pub const fn burst(&self) -> NonZeroU32 {
        self.burst
    }

    /// As a refusal tells it: `{"key": "subject", "rate": "60/m", "burst": 20}`. `key` is what a bucket belongs to.
    #[must_use]
    pub fn described(&self, key: &str) -> Value {
        json!({ "key": key, "rate": self.rate.to_string(), "burst": self.burst })
    }

    /// Nanoseconds until one has leaked.
    pub(super) const fn interval(&self) -> u64 {
        self.interval
    }

    /// Nanoseconds until a full bucket is empty.
    pub(super) const fn capacity(&self) -> u64 {
        self.interval * self.burst.get() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(rate: &str, burst: u32) -> Result<Quota, InvalidQuota> {
        Quota::new(rate.parse().unwrap(), NonZeroU32::new(burst).unwrap())
    }

    #[test]
    fn what_does_not_divide_is_rounded_to_the_slower_side() {
        assert_eq!(quota("1000/s", 1).unwrap().interval(), 1_000_000);
        assert_eq!(quota("7/m", 1).unwrap().interval(), 8_571_428_572);
        assert_eq!(quota("7/m", 3).unwrap().capacity(), 3 * 8_571_428_572);
    }

    #[test]
    fn what_cannot_be_counted_exactly_is_refused() {
        assert!(quota("1000000/s", 1_000_000).is_ok());
        assert_eq!(quota("1000001/s", 1), Err(InvalidQuota::TooFast));
        assert!(quota("1/d", 400).is_ok());
        assert_eq!(quota("1/d", 401), Err(InvalidQuota::TooSlow));
        assert_eq!(quota("1/d", u32::MAX), Err(InvalidQuota::TooSlow));
    }
}
