//! How long things take, in a few steps.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::encoding::{MetricEncoder, NoLabelSet};

use super::sharded::Sharded;

/// Upper bounds of the steps, in milliseconds but for the first.
const BOUNDS: [Duration; 10] = [
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2500),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(10),
];

/// A histogram that takes no lock: that of `prometheus-client` does.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    /// The last is for what takes longer than all bounds.
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

impl Durations {
    pub(crate) fn observe(&self, duration: Duration) {
        let step = BOUNDS.iter().position(|bound| duration <= *bound);
        self.counts[step.unwrap_or(BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

/// Writes the histogram of all threads; `part` is where each has its own.
pub(super) fn encode<T>(
    mut encoder: MetricEncoder<'_>,
    shards: &Sharded<T>,
    part: impl Fn(&T) -> &Durations,
) -> Result<(), fmt::Error> {
    let bounds = BOUNDS.iter().map(Duration::as_secs_f64);
    let counted =
        |step: usize| shards.sum(|shard| part(shard).counts[step].load(Ordering::Relaxed));
    let buckets: Vec<(f64, u64)> = bounds
        .chain([f64::INFINITY])
        .enumerate()
        .map(|(step, bound)| (bound, counted(step)))
        .collect();
    let count = buckets.iter().map(|(_, count)| count).sum();
    let sum = shards.sum(|shard| part(shard).nanoseconds.load(Ordering::Relaxed));
    let sum = Duration::from_nanos(sum).as_secs_f64();
    encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_step() {
        let durations = Durations::default();
        for nanoseconds in [
            0,
            500_000,
            500_001,
            10_000_000_000,
            10_000_000_001,
            11_000_000_000,
        ] {
            durations.observe(Duration::from_nanos(nanoseconds));
        }
        let counts = durations.counts.map(AtomicU64::into_inner);
        assert_eq!(counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    }
}
