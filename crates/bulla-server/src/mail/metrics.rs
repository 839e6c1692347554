use std::sync::Arc;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

/// What became of letters.
#[derive(Debug, Clone, Default)]
pub struct MailMetrics(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    letters: Family<Label, Counter>,
    retries: Counter,
    waiting: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    outcome: &'static str,
}

/// How a letter ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Sent,
    Failed,
    Dropped,
}

impl MailMetrics {
    /// Puts them among a process's metrics.
    pub fn register(&self, registry: &mut Registry) {
        let Counted {
            letters,
            retries,
            waiting,
        } = &*self.0;
        registry.register(
            "bulla_mail_letters",
            "Letters that were sent, could not be, or were dropped because too many waited",
            letters.clone(),
        );
        registry.register(
            "bulla_mail_retries",
            "Attempts to send a letter that failed and will be repeated",
            retries.clone(),
        );
        registry.register(
            "bulla_mail_waiting",
            "Letters that wait to be sent",
            waiting.clone(),
        );
    }

    pub(super) fn ended(&self, outcome: Outcome) {
        let outcome = match outcome {
            Outcome::Sent => "sent",
            Outcome::Failed => "failed",
            Outcome::Dropped => "dropped",
        };
        self.0.letters.get_or_create(&Label { outcome }).inc();
    }

    pub(super) fn retried(&self) {
        self.0.retries.inc();
    }

    pub(super) fn waiting(&self) -> Waiting {
        self.0.waiting.inc();
        Waiting(self.0.waiting.clone())
    }
}

/// One letter that waits, until this is dropped.
pub(super) struct Waiting(Gauge);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.dec();
    }
}
