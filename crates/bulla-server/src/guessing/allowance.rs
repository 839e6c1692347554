//! So many at once, and so many a minute after that.

use std::time::Duration;

use bulla_guard::{
    limit::{BucketKey, BucketTable, Moment, Per, Quota, QuotaPolicy},
    problem::{Code, Problem},
};

/// Guesses that are under way when the last one was allowed are wrong too late to be stopped: they are counted up to so many
/// times the allowance, and then waited off.
const OVERSHOOT: u32 = 8;

/// How many may be wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    key: &'static str,
    allowed: Quota,
    counted: Quota,
}

/// There were more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    key: &'static str,
    allowed: Quota,
    /// Until one more is allowed.
    wait: Duration,
}

impl Allowance {
    pub(super) const fn new(key: &'static str, at_once: u32, per_minute: u32) -> Self {
        Self {
            key,
            allowed: Quota::known(per_minute, Per::Minute, at_once),
            counted: Quota::known(per_minute, Per::Minute, at_once * OVERSHOOT),
        }
    }

    /// Whether one more is allowed, where `share` times as many are.
    pub(super) fn check(
        &self,
        table: &BucketTable,
        key: BucketKey,
        share: u32,
        now: Moment,
    ) -> Result<(), Exhausted> {
        let allowed = self.allowed.times(share);
        let (rate, at_once) = (allowed.rate(), allowed.burst().get());
        let level = table.level(key, &self.counted.times(share), now);
        if level.used() < at_once {
            return Ok(());
        }
        let one = rate.per.span() / rate.count.get();
        Err(Exhausted {
            key: self.key,
            allowed,
            wait: level.until_empty().saturating_sub(one * (at_once - 1)),
        })
    }

    /// Counts one.
    pub(super) fn count(&self, table: &BucketTable, key: BucketKey, share: u32, now: Moment) {
        // Where there is no room for it, the other buckets still count.
        let _ = table.pour(key, &self.counted.times(share), 1, now);
    }
}

impl Exhausted {
    /// What was counted, what the limit is, and when to come back: the same whether or not there is such an account.
    pub(crate) fn problem(&self) -> Problem {
        let seconds = self.wait.as_millis().div_ceil(1000).max(1);
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let (rate, at_once) = (self.allowed.rate(), self.allowed.burst());
        let per_minute = rate.count;
        let detail = format!(
            "too many attempts for this {}: {at_once} at once and {per_minute} a minute are the limit; one more is allowed in \
             {seconds} s",
            self.key
        );
        let policy = QuotaPolicy::new(self.key, self.allowed);
        Problem::new(Code::RateLimited, detail)
            .exhausted(&policy, seconds)
            .with("limit", self.allowed.described(self.key))
            .with("retry_after", seconds)
    }
}
