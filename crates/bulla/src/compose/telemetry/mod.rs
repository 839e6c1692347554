//! `[telemetry]`: telling a collector of requests, by OTLP over HTTP.
//!
//! The request path puts a span into a bounded queue, or drops it; one task takes spans out and sends them on. So a
//! collector that is slow, or dead, costs spans and nothing else.

#[cfg(feature = "otel")]
mod collector;
#[cfg(feature = "otel")]
mod export;
#[cfg(not(feature = "otel"))]
mod left_out;
#[cfg(feature = "otel")]
mod otlp;
#[cfg(feature = "otel")]
mod queue;

use bulla_server::config::{Config, Problem};

#[cfg(feature = "otel")]
pub(super) use self::export::Telemetry;
#[cfg(not(feature = "otel"))]
pub(super) use self::left_out::Telemetry;

/// What is wrong with telling somebody.
pub(super) fn problem(config: &Config) -> Option<Problem> {
    unsupported(config, cfg!(feature = "otel"))
}

fn unsupported(config: &Config, is_built_in: bool) -> Option<Problem> {
    let told = config.telemetry.as_ref().filter(|_| !is_built_in)?;
    let message = "this bulla was built without the feature `otel`, which exports traces";
    Some(told.otlp.problem(message, None))
}

#[cfg(test)]
mod tests {
    use bulla_server::config::ConfigSources;

    use super::*;

    #[test]
    fn a_collector_is_refused_where_nothing_could_be_sent() {
        let config = |telemetry: &[(&str, &str)]| {
            let variables = telemetry.iter().map(|(key, value)| {
                let name = format!("BULLA__TELEMETRY__{key}");
                (name, (*value).to_owned())
            });
            let sources = ConfigSources {
                environment: variables.collect(),
                ..ConfigSources::default()
            };
            Config::load(sources).unwrap()
        };
        let told = config(&[("OTLP", "http://localhost:4318")]);
        let problem = unsupported(&told, false).unwrap();
        assert_eq!(problem.key, "telemetry.otlp");
        assert!(problem.message.contains("feature `otel`"));
        assert_eq!(unsupported(&told, true), None);
        assert_eq!(unsupported(&config(&[]), false), None);
    }
}
