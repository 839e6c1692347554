//! One leaky bucket, as the moment at which it is empty: the "theoretical arrival time" of GCRA.

use std::time::Duration;

use super::Quota;

/// Clocks of two threads, read one after the other, may differ by so much without one of them having been set back.
const JITTER: u64 = 1_000_000_000;

/// A moment, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(u64);

/// What is in a bucket: nothing, once its moment has come.
///
/// Time may step. Forwards, buckets leak as if it had passed. Backwards, none leaks by it: by less than a second, they wait
/// until it has caught up, and by more, they are full at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bucket {
    empty_at: u64,
}

/// How full a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Nanoseconds until it is empty.
    debt: u64,
    quota: Quota,
}

impl Moment {
    /// From milliseconds since 1970, as clocks tell them. The year 2554 does not end.
    #[must_use]
    pub const fn from_milliseconds(milliseconds: u64) -> Self {
        Self(milliseconds.saturating_mul(1_000_000))
    }

    /// So much later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanoseconds(span)))
    }
}

impl Bucket {
    /// Puts one in, if it fits.
    ///
    /// # Errors
    /// It does not: the level, which is what it was.
    pub fn take(&mut self, quota: &Quota, now: Moment) -> Result<Level, Level> {
        let level = self.level(quota, now);
        if level.debt + quota.interval() > quota.capacity() {
            return Err(level);
        }
        Ok(self.fill(level.debt + quota.interval(), level, now))
    }

    /// Puts so many in; what is above the brim is lost.
    pub fn pour(&mut self, quota: &Quota, amount: u32, now: Moment) -> Level {
        let level = self.level(quota, now);
        let debt = level
            .debt
            .saturating_add(quota.interval().saturating_mul(u64::from(amount)));
        self.fill(debt.min(quota.capacity()).max(level.debt), level, now)
    }

    /// How full it is. A bucket that is fuller than it can be, because the clock was set back, is full from now on.
    pub fn level(&mut self, quota: &Quota, now: Moment) -> Level {
        self.settle(quota.capacity(), now);
        let debt = self.empty_at.saturating_sub(now.0);
        let quota = *quota;
        Level { debt, quota }
    }

    /// Whether nothing is in it, so that it may be forgotten.
    #[must_use]
    pub const fn is_empty(&self, now: Moment) -> bool {
        self.empty_at <= now.0
    }

    /// Ends what a clock that was set back would otherwise let last: nothing holds more than `capacity`.
    pub(super) fn settle(&mut self, capacity: u64, now: Moment) {
        let full = now.0.saturating_add(capacity);
        if self.empty_at > full.saturating_add(JITTER) {
            self.empty_at = full;
        }
    }

    fn fill(&mut self, debt: u64, level: Level, now: Moment) -> Level {
        self.empty_at = now.0.saturating_add(debt);
        Level { debt, ..level }
    }
}

impl Level {
    /// An empty bucket.
    #[must_use]
    pub const fn empty(quota: &Quota) -> Self {
        let quota = *quota;
        Self { debt: 0, quota }
    }

    /// What was counted for.
    #[must_use]
    pub const fn quota(&self) -> &Quota {
        &self.quota
    }

    /// How many more fit now.
    #[must_use]
    pub fn remaining(&self) -> u32 {
        let free = self.quota.capacity().saturating_sub(self.debt);
        u32::try_from(free / self.quota.interval()).unwrap_or(u32::MAX)
    }

    /// How many are in it; one that has leaked in part counts.
    #[must_use]
    pub fn used(&self) -> u32 {
        u32::try_from(self.debt.div_ceil(self.quota.interval())).unwrap_or(u32::MAX)
    }

    /// Until one more fits than do now; `None`: it is empty, so no more ever will.
    #[must_use]
    pub fn until_more(&self) -> Option<Duration> {
        let more = u64::from(self.remaining()) + 1;
        let wanted = more * self.quota.interval();
        let wait = (wanted + self.debt).saturating_sub(self.quota.capacity());
        (self.debt > 0).then(|| Duration::from_nanos(wait))
    }

    /// Until nothing is in it.
    #[must_use]
    pub const fn until_empty(&self) -> Duration {
        Duration::from_nanos(self.debt)
    }
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
