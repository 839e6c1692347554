//! How many visitors come at once: what a proof costs follows it.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use aws_lc_rs::digest::{Context, SHA256};

use crate::time::Timestamp;

/// So many redeemed challenges a second, at one issuer, are nothing unusual.
const USUAL_PER_SECOND: i64 = 200;

/// How many challenges are remembered.
const REMEMBERED: usize = 4096;

/// A leaky bucket: every redeemed challenge adds 1/200 s, and it leaks a second every second.
///
/// One that comes again soon adds nothing, unless another one had its place meanwhile: else one proof that is replayed would
/// make everybody else's dear.
#[derive(Debug)]
pub(super) struct Demand {
    /// When it will be empty, in microseconds since 1970.
    empty_at: AtomicI64,
    /// The last challenges, each in the one place that its mark names. Nobody outside knows which two share one.
    recent: Box<[AtomicU64]>,
    seed: [u8; 16],
}

impl Demand {
    const ONE: i64 = 1_000_000 / USUAL_PER_SECOND;
    /// No more than so much is remembered: after a flood, or a clock that was set back, the price falls as fast.
    const FULL: i64 = 5_000_000;

    /// A bucket that is empty. The seed is random.
    pub(super) fn new(seed: [u8; 16]) -> Self {
        Self {
            empty_at: AtomicI64::default(),
            recent: (0..REMEMBERED).map(|_| AtomicU64::default()).collect(),
            seed,
        }
    }

    /// The challenge with this id was redeemed.
    pub(super) fn count(&self, challenge: &[u8; 16], now: Timestamp) {
        let mark = self.mark(challenge);
        let place = usize::try_from(mark % REMEMBERED as u64).unwrap_or(0);
        if self.recent[place].swap(mark, Ordering::Relaxed) == mark {
            return;
        }
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

    fn mark(&self, challenge: &[u8; 16]) -> u64 {
        let mut hash = Context::new(&SHA256);
        hash.update(&self.seed);
        hash.update(challenge);
        let digest = hash.finish();
        let first = digest.as_ref().first_chunk().copied().unwrap_or_default();
        // Zero is an empty place.
        u64::from_be_bytes(first) | 1 << 63
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

    fn id(number: u32) -> [u8; 16] {
        u128::from(number).to_be_bytes()
    }

    #[test]
    fn a_challenge_that_comes_again_counts_once() {
        let demand = Demand::new([7; 16]);
        for round in 0..1000 {
            (0..20).for_each(|number| demand.count(&id(number), at(0)));
            assert_eq!(demand.steps(at(0)), 0, "{round}");
        }
    }

    #[test]
    fn the_price_rises_with_what_is_more_than_usual_and_falls_by_itself() {
        let demand = Demand::new([7; 16]);
        let mut next = 0..;
        let mut check = |millis: i64, count: usize, expected: u8| {
            let more = next.by_ref().take(count);
            more.for_each(|number| demand.count(&id(number), at(millis)));
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
        let demand = Demand::new([7; 16]);
        for number in 0..12_000 {
            let now = at(i64::from(number) * 5);
            demand.count(&id(number), now);
            assert_eq!(demand.steps(now), 0, "{number}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nothing_up_for_long() {
        let demand = Demand::new([7; 16]);
        demand.count(&id(1), at(3_600_000));
        assert_eq!(demand.steps(at(0)), 3);
        demand.count(&id(2), at(0));
        assert_eq!(demand.steps(at(5_000)), 0);
    }
}
