//! What became of the requests of each route.

use std::{
    array, fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter},
    registry::Unit,
};

use super::{
    by_name::ByName,
    durations::{self, Durations},
    sharded::Sharded,
    verdict::Verdict,
};

/// Classes of statuses, from 1xx to 5xx.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts the requests of a route.
#[derive(Debug)]
pub(crate) struct RouteMeter {
    name: Box<str>,
    threads: Sharded<Counts>,
    refused: [AtomicU64; Verdict::REFUSALS],
}

#[derive(Debug, Default)]
struct Counts {
    durations: Durations,
    /// By the class of the target's status.
    accepted: [AtomicU64; CLASSES.len()],
}

impl RouteMeter {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            threads: Sharded::default(),
            refused: array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// The route's name in logs and labels.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Counts a request that is over: `status` is what the client was told, `duration` the time from the end of its head
    /// to the head of its answer.
    pub(crate) fn count(
        &self,
        worker: u16,
        verdict: Verdict,
        status: Option<StatusCode>,
        duration: Duration,
    ) {
        let counts = self.threads.of(worker);
        counts.durations.observe(duration);
        let counter = match (verdict.refusal(), status) {
            (Some(place), _) => &self.refused[place],
            (None, Some(status)) => &counts.accepted[class(status)],
            (None, None) => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn accepted(&self, class: usize) -> u64 {
        self.threads
            .sum(|counts| counts.accepted[class].load(Ordering::Relaxed))
    }

    /// Verdicts that there were, and how often.
    fn verdicts(&self) -> impl Iterator<Item = (Verdict, u64)> {
        let accepted = (0..CLASSES.len()).map(|class| self.accepted(class)).sum();
        let refused = self
            .refused
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        std::iter::once((Verdict::Accepted, accepted))
            .chain(Verdict::refusals().zip(refused))
            .filter(|(_, count)| *count > 0)
    }

    /// Answers by class.
    fn answers(&self) -> [u64; CLASSES.len()] {
        let mut answers = array::from_fn(|class| self.accepted(class));
        for (verdict, count) in self.verdicts() {
            if let Some(status) = verdict.status() {
                answers[class(status)] += count;
            }
        }
        answers
    }
}

fn class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1
}

/// The routes that there are and were, at the moment of each scrape.
#[derive(Debug)]
pub(super) struct RouteCollector(pub(super) Arc<ByName<RouteMeter>>);

impl Collector for RouteCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let meters = self.0.all();
        let text = "Requests by route (empty: none was found) and verdict";
        let mut family = encoder.encode_descriptor("requests", text, None, MetricType::Counter)?;
        for meter in &meters {
            for (verdict, count) in meter.verdicts() {
                let labels = [("route", meter.name()), ("verdict", verdict.as_str())];
                ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
        let text = "Answers by route and class of their status, refusals too";
        let mut family = encoder.encode_descriptor("responses", text, None, MetricType::Counter)?;
        for meter in &meters {
            let answers = CLASSES.iter().zip(meter.answers());
            for (class, count) in answers.filter(|(_, count)| *count > 0) {
                let labels = [("route", meter.name()), ("status", *class)];
                ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
        let text = "Time from a request's head to the head of its answer, by route";
        let mut family = encoder.encode_descriptor(
            "request_duration",
            text,
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        for meter in &meters {
            let labels = [("route", meter.name())];
            let encoder = family.encode_family(&labels)?;
            durations::encode(encoder, &meter.threads, |counts| &counts.durations)?;
        }
        Ok(())
    }
}
