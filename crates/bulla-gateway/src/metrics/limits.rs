//! What was too much.

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

use crate::limit::{Buckets, Seats};

/// What a request was too much for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct LimitLabels {
    pub(super) route: String,
    /// Empty: the address limit.
    pub(super) plan: String,
    pub(super) key: String,
}

/// The buckets and seats at the moment of each scrape.
#[derive(Debug)]
pub(crate) struct LimitCollector {
    pub(crate) buckets: Arc<Buckets>,
    pub(crate) seats: Arc<Seats>,
}

impl Collector for LimitCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for (name, help, count) in [
            (
                "limit_overflows",
                "Requests that were counted for their address, because the table of limits was full",
                self.buckets.overflows(),
            ),
            (
                "connections_refused",
                "Connections of addresses that had as many as they may",
                self.seats.refused(),
            ),
        ] {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(
                name,
                help,
                None,
                counter.metric_type(),
            )?)?;
        }
        let bytes = self.buckets.holders.bytes() + self.buckets.addresses.bytes();
        let gauge = ConstGauge::new(i64::try_from(bytes).unwrap_or(i64::MAX));
        let help = "Bytes of the tables of limits";
        let unit = Some(&Unit::Bytes);
        gauge.encode(encoder.encode_descriptor("limits", help, unit, gauge.metric_type())?)
    }
}
