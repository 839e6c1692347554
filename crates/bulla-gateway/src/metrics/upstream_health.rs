//! Which servers of the upstreams are asked.

use std::{collections::BTreeMap, fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};

use crate::target::{Roster, Server};

/// The servers that are in use, at the moment of each scrape.
#[derive(Debug)]
pub(crate) struct UpstreamHealthCollector(pub(crate) Arc<Roster>);

impl Collector for UpstreamHealthCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let text = "Whether a server of an upstream is asked (1) or left out (0)";
        let mut family =
            encoder.encode_descriptor("upstream_healthy", text, None, MetricType::Gauge)?;
        // A server that was described anew is known twice while requests to the old one are in flight: the later one counts.
        let named = |server: Arc<Server>| {
            let names = (server.upstream.clone(), server.address.to_string());
            (names, server.health.is_in())
        };
        let in_force: BTreeMap<_, _> = self.0.servers().into_iter().map(named).collect();
        for ((upstream, address), healthy) in &in_force {
            let labels = [
                ("upstream", upstream.as_str()),
                ("server", address.as_str()),
            ];
            let gauge = ConstGauge::new(i64::from(*healthy));
            gauge.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
