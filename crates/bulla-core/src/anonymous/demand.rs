//! How many visitors come at once: what a proof costs follows it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use crate::time::Timestamp;

/// So many redeemed challenges a second, at one issuer, are nothing unusual.
const USUAL_PER_SECOND: i64 = 200;

/// A leaky bucket: every redeemed challenge adds 1/200 s, and it leaks a second every second.
#[derive(Debug, Default)]
pub(super) struct Demand {
    /// When it will be empty, in microseconds since 1970.
    empty_at: AtomicI64,
}

impl Demand {
    const ONE: i64 = 1_000_000 / USUAL_PER_SECOND;
    /// No more than so much is remembered: after a flood, or a clock that was set back, the price falls as fast.
    const FULL: i64 = 5_000_000;

    /// One more was redeemed.
    pub(super) fn count(&self, now: Timestamp) {
        let more = |empty_at| {
            let level = Self::level(empty_at, now) + Self::ONE;
            Some(micros(now).saturating_add(level.min(Self::FULL)))
        };
        let _ = self
            .empty_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// By how many steps a proof is harder than usual now: one for what the usual rate brings in a second, one more each
    /// time that doubles.
    pub(super) fn steps(&self, now: Timestamp) -> u8 {
        let level = Self::level(self.empty_at.load(Ordering::Relaxed), now);
        let seconds = Duration::from_micros(level.unsigned_abs()).as_secs();
        match seconds {
            0 => 0,
            1 => 1,
            2 | 3 => 2,
            _ => 3,
        }
    }

    fn level(empty_at: i64, now: Timestamp) -> i64 {
        empty_at.saturating_sub(micros(now)).clamp(0, Self::FULL)
    }
}

fn micros(time: Timestamp) -> i64 {
    time.as_millis().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + millis)
    }

    #[test]
    fn the_price_rises_with_what_is_more_than_usual_and_falls_by_itself() {
        let demand = Demand::default();
        let check = |millis: i64, count: u32, expected: u8| {
            (0..count).for_each(|_| demand.count(at(millis)));
            assert_eq!(demand.steps(at(millis)), expected, "{count} at {millis}");
        };
        check(0, 199, 0);
        check(0, 1, 1);
        check(0, 200, 2);
        check(0, 400, 3);
        check(0, 100_000, 3);
        check(1_000, 0, 3);
        check(1_001, 0, 2);
        check(4_001, 0, 0);
    }

    #[test]
    fn the_usual_rate_changes_nothing() {
        let demand = Demand::default();
        for millis in (0..60_000).step_by(5) {
            demand.count(at(millis));
            assert_eq!(demand.steps(at(millis)), 0, "{millis}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nothing_up_for_long() {
        let demand = Demand::default();
        demand.count(at(3_600_000));
        assert_eq!(demand.steps(at(0)), 3);
        demand.count(at(0));
        assert_eq!(demand.steps(at(5_000)), 0);
    }
}
