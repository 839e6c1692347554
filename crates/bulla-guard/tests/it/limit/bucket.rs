//! One bucket.

use std::time::Duration;

use bulla_guard::limit::{Bucket, Quota};
use proptest::{collection::vec, prelude::*};

use super::{at, quota};

/// What a limit means, said without a bucket: from any request on that passed, up to this one, no more pass than `burst`
/// and what the rate gave in that time. Times are in nanoseconds.
struct Naive {
    interval: u128,
    burst: u128,
    passed: Vec<u128>,
}

impl Naive {
    fn take(&mut self, now: u128) -> bool {
        let count = self.passed.len();
        let fits = self.passed.iter().enumerate().all(|(index, earlier)| {
            let with_this_one = u128::try_from(count - index).unwrap() + 1;
            with_this_one * self.interval <= self.burst * self.interval + (now - earlier)
        });
        if fits {
            self.passed.push(now);
        }
        fits
    }
}

fn rates() -> impl Strategy<Value = (u32, char, u128)> {
    let spans = prop_oneof![
        Just(('s', 1_000_000_000_u128)),
        Just(('m', 60_000_000_000)),
        Just(('h', 3_600_000_000_000)),
    ];
    (1_u32..5_000, spans).prop_map(|(count, (letter, span))| (count, letter, span))
}

proptest! {
    #[test]
    fn a_bucket_lets_pass_exactly_what_the_limit_means(
        (count, letter, span) in rates(),
        burst in 1_u32..30,
        steps in vec(prop_oneof![Just(0_u64), 0_u64..20, 0_u64..5_000], 1..200),
    ) {
        let quota = quota(&format!("{count}/{letter}"), burst);
        let interval = span.div_ceil(u128::from(count));
        let mut naive = Naive { interval, burst: burst.into(), passed: Vec::new() };
        let mut bucket = Bucket::default();
        let mut now = 1_700_000_000_000;
        for step in steps {
            now += step;
            let passes = bucket.take(&quota, at(now)).is_ok();
            prop_assert_eq!(passes, naive.take(u128::from(now) * 1_000_000));
        }
    }

    #[test]
    fn what_a_level_says_is_what_happens(
        (count, letter, _) in rates(),
        burst in 1_u32..30,
        taken in 0_u32..40,
        later in 0_u64..10_000,
    ) {
        let quota = quota(&format!("{count}/{letter}"), burst);
        let mut bucket = Bucket::default();
        for _ in 0..taken {
            let _ = bucket.take(&quota, at(0));
        }
        let now = at(later);
        let level = bucket.level(&quota, now);
        let fitting = |mut bucket: Bucket, now| {
            std::iter::from_fn(|| bucket.take(&quota, now).ok()).count()
        };
        let remaining = usize::try_from(level.remaining()).unwrap();
        prop_assert_eq!(fitting(bucket, now), remaining);
        if let Some(wait) = level.until_more() {
            let early = now.after(wait - Duration::from_nanos(1));
            prop_assert_eq!(fitting(bucket, early), remaining);
            prop_assert_eq!(fitting(bucket, now.after(wait)), remaining + 1);
        } else {
            prop_assert_eq!(level.remaining(), burst);
        }
        prop_assert!(bucket.is_empty(now.after(level.until_empty())));
    }
}

#[test]
fn a_full_bucket_lets_one_pass_each_interval() {
    let quota = quota("60/m", 20);
    let mut bucket = Bucket::default();
    let passed = |bucket: &mut Bucket, milliseconds, quota: &Quota| {
        (0..100)
            .filter(|_| bucket.take(quota, at(milliseconds)).is_ok())
            .count()
    };
    assert_eq!(passed(&mut bucket, 0, &quota), 20);
    assert_eq!(passed(&mut bucket, 999, &quota), 0);
    assert_eq!(passed(&mut bucket, 1_000, &quota), 1);
    assert_eq!(passed(&mut bucket, 4_500, &quota), 3);
    assert_eq!(passed(&mut bucket, 3_600_000, &quota), 20);
}

#[test]
fn a_score_counts_up_to_the_brim_and_leaks() {
    let quota = quota("1/s", 100);
    let mut bucket = Bucket::default();
    assert_eq!(bucket.pour(&quota, 3, at(0)).used(), 3);
    assert_eq!(bucket.pour(&quota, 1, at(500)).used(), 4);
    assert_eq!(bucket.level(&quota, at(2_500)).used(), 2);
    assert_eq!(bucket.pour(&quota, u32::MAX, at(2_500)).used(), 100);
    assert_eq!(bucket.level(&quota, at(102_500)).used(), 0);
}
