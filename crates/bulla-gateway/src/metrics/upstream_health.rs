//! Which servers of the upstreams are asked.

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};

use crate::target::Roster;

/// The servers that are in use, at the moment of each scrape.
#[derive(Debug)]
pub(crate) struct UpstreamHealthCollector(pub(crate) Arc<Roster>);

impl Collector for UpstreamHealthCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let text = "Whether a server of an upstream is asked (1) or left out (0)";
        let mut family =
            encoder.encode_descriptor("upstream_healthy", text, None, MetricType::Gauge)?;
        for server in self.0.servers() {
            let address = server.address.to_string();
            let labels = [
                ("upstream", server.upstream.as_str()),
                ("server", address.as_str()),
            ];
            let gauge = ConstGauge::new(i64::from(server.health.is_in()));
            gauge.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
