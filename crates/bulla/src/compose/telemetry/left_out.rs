//! A build without the feature `otel`: nobody can be told.

use std::sync::Arc;

use bulla_gateway::span::SpanSink;
use bulla_server::config::Config;
use prometheus_client::registry::Registry;

/// There is none.
pub(in crate::compose) enum Telemetry {}

impl Telemetry {
    /// None: a configuration that asks for one was [refused](super::problem).
    pub(in crate::compose) fn start(_: &Config, _: &mut Registry) -> anyhow::Result<Option<Self>> {
        Ok(None)
    }

    pub(in crate::compose) fn sink(&self) -> Arc<dyn SpanSink> {
        match *self {}
    }

    pub(in crate::compose) async fn flush(self) {
        match self {}
    }
}
