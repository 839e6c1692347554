//! How the keys of other issuers do, at the moment of each scrape.

use std::{fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

use super::IssuerKeys;

#[derive(Debug)]
pub(super) struct KeysCollector(pub(super) Arc<[IssuerKeys]>);

impl Collector for KeysCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let sets: Vec<_> = self.0.iter().map(|keys| (keys, keys.set())).collect();
        let counts = sets.iter().map(|(keys, set)| {
            let set = set.load();
            (*keys, set.keys.keys().len(), set.keys.skipped().len())
        });
        let (mut used, mut skipped) = (Vec::new(), Vec::new());
        for (keys, good, bad) in counts {
            used.push((keys, ConstGauge::new(gauge(good))));
            skipped.push((keys, ConstGauge::new(gauge(bad))));
        }
        let (mut failures, mut ages) = (Vec::new(), Vec::new());
        for keys in self.0.iter() {
            let Some((status, age)) = keys.fetching() else {
                continue;
            };
            failures.push((keys, ConstCounter::new(status.failed)));
            ages.extend(age.map(|age| (keys, ConstGauge::new(age.as_secs_f64()))));
        }
        let help = "Keys of an issuer that tokens are verified with";
        family(&mut encoder, "jwk_set_keys", help, None, &used)?;
        let help = "Keys of an issuer's JWK set that cannot be used";
        family(&mut encoder, "jwk_set_skipped_keys", help, None, &skipped)?;
        let help = "Fetches of an issuer's JWK set that failed";
        family(
            &mut encoder,
            "jwk_set_fetch_failures",
            help,
            None,
            &failures,
        )?;
        let help = "Time since the last fetch of an issuer's JWK set that succeeded began";
        family(
            &mut encoder,
            "jwk_set_age",
            help,
            Some(&Unit::Seconds),
            &ages,
        )
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// One metric, with a value for each issuer; nothing without any.
fn family<M: EncodeMetric>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    values: &[(&IssuerKeys, M)],
) -> Result<(), fmt::Error> {
    let Some((_, first)) = values.first() else {
        return Ok(());
    };
    let name = format!("bulla_{name}");
    let mut encoder = encoder.encode_descriptor(&name, help, unit, first.metric_type())?;
    for (keys, value) in values {
        let labels = [("issuer", keys.issuer.as_str())];
        value.encode(encoder.encode_family(&labels)?)?;
    }
    Ok(())
}
