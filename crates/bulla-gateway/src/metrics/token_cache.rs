//! What the cache of verified tokens says about itself. It counts without a lock; here is only asked.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

use crate::rules::ActiveRules;

/// The cache of the verifier in force, at the moment of each scrape.
pub(crate) struct TokenCacheCollector(pub(crate) Arc<ArcSwap<ActiveRules>>);

impl fmt::Debug for TokenCacheCollector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenCacheCollector")
    }
}

impl Collector for TokenCacheCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some(status) = self.0.load().rules.verifier.cache_status() else {
            return Ok(());
        };
        for (name, help, count) in [
            (
                "token_cache_hits",
                "Tokens that were found in the cache of verified tokens",
                status.hits,
            ),
            (
                "token_cache_misses",
                "Tokens, good and bad, that were not",
                status.misses,
            ),
            (
                "token_cache_evicted",
                "Tokens that made room or had expired",
                status.evicted,
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
        let gauges = [
            (
                "token_cache_tokens",
                "Tokens in the cache of verified tokens",
                None,
                status.tokens,
            ),
            (
                "token_cache",
                "Bytes they take",
                Some(&Unit::Bytes),
                status.bytes,
            ),
        ];
        for (name, help, unit, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)?;
        }
        Ok(())
    }
}
