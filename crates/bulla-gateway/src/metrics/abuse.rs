//! What was bad, and what it led to.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bulla_guard::abuse::{AbuseLedger, Offence, Rung, Step};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use crate::clock::Clock;

/// Counts of offences, of steps, and of connections that were dropped.
#[derive(Debug, Default)]
pub(crate) struct AbuseMeter {
    offences: [AtomicU64; Offence::ALL.len()],
    up: [AtomicU64; Rung::ALL.len()],
    down: [AtomicU64; Rung::ALL.len()],
    dropped: AtomicU64,
}

/// The counts, and who stands where at the moment of each scrape.
pub(crate) struct AbuseCollector {
    pub(crate) meter: Arc<AbuseMeter>,
    pub(crate) ledger: Arc<AbuseLedger>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl AbuseMeter {
    pub(crate) fn count_offence(&self, offence: Offence) {
        self.offences[offence as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Upwards, the rung that was reached counts; downwards, the one that was left.
    pub(crate) fn count_step(&self, step: &Step) {
        let (counts, rung) = match step.is_up() {
            true => (&self.up, step.to),
            false => (&self.down, step.from),
        };
        if let Some(rung) = rung {
            counts[rung as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    fn steps(&self) -> impl Iterator<Item = (Rung, &'static str, &AtomicU64)> {
        Rung::ALL.into_iter().flat_map(|rung| {
            let place = rung as usize;
            [
                (rung, "up", &self.up[place]),
                (rung, "down", &self.down[place]),
            ]
        })
    }
}

impl Collector for AbuseCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let read = |count: &AtomicU64| ConstCounter::new(count.load(Ordering::Relaxed));
        let text = "Requests that count against their address, by what they were";
        let mut family = encoder.encode_descriptor("offences", text, None, MetricType::Counter)?;
        for offence in Offence::ALL {
            let labels = [("offence", offence.as_str())];
            let count = read(&self.meter.offences[offence as usize]);
            count.encode(family.encode_family(&labels)?)?;
        }
        let text = "Prefixes that came to a rung of the ladder (up) or left it (down)";
        let mut family =
            encoder.encode_descriptor("abuse_steps", text, None, MetricType::Counter)?;
        for (rung, direction, count) in self.meter.steps() {
            let labels = [("rung", rung.as_str()), ("direction", direction)];
            read(count).encode(family.encode_family(&labels)?)?;
        }
        let text =
            "Prefixes that are challenged or banned, by rung, or by an administrator (manual)";
        let mut family =
            encoder.encode_descriptor("abuse_prefixes", text, None, MetricType::Gauge)?;
        let census = self.ledger.census(self.clock.milliseconds());
        let standing = Rung::ALL.map(Rung::as_str).into_iter().zip(census.on_rung);
        for (rung, count) in standing.chain([("manual", census.manual)]) {
            let gauge = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
            gauge.encode(family.encode_family(&[("rung", rung)])?)?;
        }
        let text = "Connections that were dropped, because their address is banned for long";
        let counter = read(&self.meter.dropped);
        counter.encode(encoder.encode_descriptor(
            "connections_dropped",
            text,
            None,
            MetricType::Counter,
        )?)
    }
}

impl fmt::Debug for AbuseCollector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AbuseCollector")
            .field("meter", &self.meter)
            .finish_non_exhaustive()
    }
}
