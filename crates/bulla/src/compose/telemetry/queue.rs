//! Where spans wait to be sent.

use bulla_gateway::span::{self, SpanSink};
use opentelemetry_proto::tonic::trace::v1::Span;
use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};
use tokio::sync::mpsc;

use super::otlp;

/// Takes spans from the request path.
pub(super) struct Queue {
    places: mpsc::Sender<Span>,
    counters: Counters,
}

/// What became of spans.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters {
    sent: Counter,
    dropped: Family<[(&'static str, &'static str); 1], Counter>,
}

impl Queue {
    pub(super) const fn new(places: mpsc::Sender<Span>, counters: Counters) -> Self {
        Self { places, counters }
    }
}

impl SpanSink for Queue {
    fn record(&self, span: &span::Span<'_>) {
        match self.places.try_reserve() {
            Ok(place) => place.send(otlp::span(span, now())),
            Err(_) => self.counters.dropped(1, "queue_full"),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "when a span ended is a fact for people, by the machine's clock and to the nanosecond: nothing is decided by it"
)]
fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

impl Counters {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let counters = Self::default();
        let registry = registry.sub_registry_with_prefix("bulla_telemetry");
        let text = "Spans that the collector took";
        registry.register("spans_sent", text, counters.sent.clone());
        let text = "Spans that no collector got, by reason";
        registry.register("spans_dropped", text, counters.dropped.clone());
        counters
    }

    pub(super) fn sent(&self, count: u64) {
        self.sent.inc_by(count);
    }

    pub(super) fn not_taken(&self, count: u64) {
        if count > 0 {
            self.dropped(count, "not_taken");
        }
    }

    fn dropped(&self, count: u64, reason: &'static str) {
        let counter = self.dropped.get_or_create(&[("reason", reason)]);
        counter.inc_by(count);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{Method, Version};

    use super::*;

    #[test]
    fn one_more_than_there_is_room_for_is_dropped_and_counted() {
        let (sender, mut receiver) = mpsc::channel(1);
        let counters = Counters::default();
        let queue = Queue::new(sender, counters.clone());
        let full = || {
            counters
                .dropped
                .get_or_create(&[("reason", "queue_full")])
                .get()
        };
        let span = span::Span {
            trace: [1; 16],
            id: [1; 8],
            parent: None,
            duration: Duration::ZERO,
            request_id: "1",
            method: &Method::GET,
            version: Version::HTTP_11,
            secure: false,
            host: None,
            path: None,
            route: None,
            address: None,
            subject: None,
            status: None,
            refusal: None,
            upstream: None,
        };
        queue.record(&span);
        assert_eq!(full(), 0);
        queue.record(&span);
        assert_eq!(full(), 1);
        assert!(receiver.try_recv().is_ok());
        queue.record(&span);
        assert_eq!(full(), 1);
    }
}
