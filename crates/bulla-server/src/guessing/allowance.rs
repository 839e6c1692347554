//! So many at once, and so many a minute after that.

use std::{num::NonZeroU32, time::Duration};

use bulla_guard::{
    limit::{BucketKey, BucketTable, Moment, Per, Quota, QuotaPolicy, Rate},
    problem::{Code, Problem},
};
use serde_json::json;

/// Guesses that are under way when the last one was allowed are wrong too late to be stopped: they are counted up to so many
/// times the allowance, and then waited off.
const OVERSHOOT: u32 = 8;

/// How many may be wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    key: &'static str,
    at_once: u32,
    per_minute: u32,
}

/// There were more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    key: &'static str,
    at_once: u32,
    per_minute: u32,
    /// Until one more is allowed.
    wait: Duration,
}

impl Allowance {
    pub(super) const fn new(key: &'static str, at_once: u32, per_minute: u32) -> Self {
        Self {
            key,
            at_once,
            per_minute,
        }
    }

    /// Whether one more is allowed, where `factor` times as many are.
    pub(super) fn check(
        &self,
        table: &BucketTable,
        key: BucketKey,
        factor: u32,
        now: Moment,
    ) -> Result<(), Exhausted> {
        let (at_once, per_minute) = (self.at_once * factor, self.per_minute * factor);
        let level = table.level(key, &self.quota(factor), now);
        if level.used() < at_once {
            return Ok(());
        }
        let one = Duration::from_secs(60) / per_minute;
        Err(Exhausted {
            key: self.key,
            at_once,
            per_minute,
            wait: level.until_empty().saturating_sub(one * (at_once - 1)),
        })
    }

    /// Counts one.
    pub(super) fn count(&self, table: &BucketTable, key: BucketKey, factor: u32, now: Moment) {
        // Where there is no room for it, the other buckets still count.
        let _ = table.pour(key, &self.quota(factor), 1, now);
    }

    fn quota(&self, factor: u32) -> Quota {
        quota(self.per_minute * factor, self.at_once * factor * OVERSHOOT)
    }
}

impl Exhausted {
    /// What was counted, what the limit is, and when to come back: the same whether or not there is such an account.
    pub(crate) fn problem(&self) -> Problem {
        let seconds = self.wait.as_millis().div_ceil(1000).max(1);
        let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
        let (at_once, per_minute) = (self.at_once, self.per_minute);
        let detail = format!(
            "too many attempts for this {}: {at_once} at once and {per_minute} a minute are the limit; one more is allowed in \
             {seconds} s",
            self.key
        );
        let rate = format!("{per_minute}/m");
        let policy = QuotaPolicy::new(self.key, quota(per_minute, at_once));
        Problem::new(Code::RateLimited, detail)
            .exhausted(&policy, seconds)
            .with(
                "limit",
                json!({"key": self.key, "rate": rate, "burst": at_once}),
            )
            .with("retry_after", seconds)
    }
}

fn quota(per_minute: u32, at_once: u32) -> Quota {
    let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    let rate = Rate {
        count: some(per_minute),
        per: Per::Minute,
    };
    Quota::new(rate, some(at_once)).unwrap_or(SLOWEST)
}

const SLOWEST: Quota = {
    let (count, burst) = (NonZeroU32::MIN, NonZeroU32::MIN);
    match Quota::new(
        Rate {
            count,
            per: Per::Minute,
        },
        burst,
    ) {
        Ok(quota) => quota,
        Err(_) => unreachable!(),
    }
};
