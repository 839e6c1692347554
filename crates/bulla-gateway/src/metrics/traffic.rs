//! What is going on at this moment.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http::Version;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

use super::sharded::Sharded;

/// Versions of HTTP, as in labels.
const VERSIONS: [&str; 3] = ["1.0", "1.1", "2"];

/// Connections and requests that began and ended, by thread.
pub(crate) type Traffic = Sharded<Flow>;

/// Those of one thread.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    opened: AtomicU64,
    closed: AtomicU64,
    begun: [AtomicU64; VERSIONS.len()],
    ended: AtomicU64,
}

/// Counts as open, or as going on, until it is dropped.
#[derive(Debug)]
#[must_use = "it counts as long as this lives"]
pub(crate) struct Ongoing<'flow>(&'flow AtomicU64);

impl Flow {
    /// A connection was accepted.
    pub(crate) fn connection(&self) -> Ongoing<'_> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ongoing(&self.closed)
    }

    /// The head of a request has arrived.
    pub(crate) fn request(&self, version: Version) -> Ongoing<'_> {
        let version = match version {
            Version::HTTP_2 => 2,
            Version::HTTP_11 => 1,
            _ => 0,
        };
        self.begun[version].fetch_add(1, Ordering::Relaxed);
        Ongoing(&self.ended)
    }
}

impl Drop for Ongoing<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The traffic at the moment of each scrape.
#[derive(Debug)]
pub(super) struct TrafficCollector(pub(super) Arc<Traffic>);

impl Collector for TrafficCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let sum = |counter: fn(&Flow) -> &AtomicU64| {
            self.0.sum(|flow| counter(flow).load(Ordering::Relaxed))
        };
        // What ended is read first: it had begun before.
        let (closed, ended) = (sum(|flow| &flow.closed), sum(|flow| &flow.ended));
        let opened = sum(|flow| &flow.opened);
        let begun: [u64; VERSIONS.len()] = std::array::from_fn(|version| {
            self.0
                .sum(|flow| flow.begun[version].load(Ordering::Relaxed))
        });

        let counter = ConstCounter::new(opened);
        let text = "Connections that were accepted";
        counter.encode(encoder.encode_descriptor(
            "connections",
            text,
            None,
            MetricType::Counter,
        )?)?;
        let text = "Requests by version of HTTP, counted when their head has arrived";
        let mut family =
            encoder.encode_descriptor("requests_begun", text, None, MetricType::Counter)?;
        for (version, count) in VERSIONS.iter().zip(begun) {
            let labels = [("version", *version)];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
        let gauges = [
            (
                "connections_open",
                "Connections that are open",
                opened - closed,
            ),
            (
                "requests_active",
                "Requests whose answer has not begun",
                begun.iter().sum::<u64>() - ended,
            ),
        ];
        for (name, text, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, text, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}
