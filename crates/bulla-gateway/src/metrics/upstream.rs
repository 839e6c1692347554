//! How upstreams answer.

use std::{fmt, sync::Arc, time::Duration};

use prometheus_client::{
    collector::Collector, encoding::DescriptorEncoder, metrics::MetricType, registry::Unit,
};

use super::{
    by_name::ByName,
    durations::{self, Durations},
    sharded::Sharded,
};

/// Counts the requests that an upstream was asked.
#[derive(Debug)]
pub(crate) struct UpstreamMeter {
    name: Box<str>,
    durations: Sharded<Durations>,
}

impl UpstreamMeter {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            durations: Sharded::default(),
        }
    }

    /// Counts a request that was waited for so long, with all servers that were tried.
    pub(crate) fn count(&self, worker: u16, duration: Duration) {
        self.durations.of(worker).observe(duration);
    }
}

/// The upstreams that there are and were, at the moment of each scrape.
#[derive(Debug)]
pub(super) struct UpstreamCollector(pub(super) Arc<ByName<UpstreamMeter>>);

impl Collector for UpstreamCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let text = "Time from asking an upstream to the head of its answer, or to giving up";
        let mut family = encoder.encode_descriptor(
            "upstream_duration",
            text,
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for meter in self.0.all() {
            let labels = [("upstream", &*meter.name)];
            let encoder = family.encode_family(&labels)?;
            durations::encode(encoder, &meter.durations, |durations| durations)?;
        }
        Ok(())
    }
}
