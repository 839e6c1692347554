//! The post: letters are worded at once and delivered later, each in a task of its own.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bulla_core::{mail::Letter, ports::Mailer};
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{
    MailMetrics, Message, Templates,
    metrics::{Outcome, Waiting},
};

/// So many letters wait at most, with those that wait to be tried again: a few megabytes.
const WAITING: usize = 1000;
/// So many are delivered at once.
const AT_ONCE: usize = 4;
/// For one attempt.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long after an attempt that failed the next one begins. Links to sign in by live a quarter of an hour.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(300),
];

/// Brings a message to where it goes.
#[async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// Delivers the message, or says why not.
    async fn deliver(&self, message: &Message) -> Result<(), Undelivered>;
}

/// Why a message was not delivered. Neither says to whom it was to go.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Undelivered {
    /// Trying again may help.
    #[error("not now: {0}")]
    NotNow(String),
    /// It will not.
    #[error("never: {0}")]
    Never(String),
}

/// Words letters and has them delivered.
pub struct Post {
    templates: Templates,
    office: Arc<Office>,
    runtime: Handle,
}

struct Office {
    carrier: Arc<dyn Carrier>,
    metrics: MailMetrics,
    waiting: Arc<Semaphore>,
    delivering: Semaphore,
}

impl Post {
    /// A post whose letters are delivered on this runtime.
    #[must_use]
    pub fn new(
        templates: Templates,
        carrier: Arc<dyn Carrier>,
        metrics: MailMetrics,
        runtime: Handle,
    ) -> Self {
        let office = Arc::new(Office {
            carrier,
            metrics,
            waiting: Arc::new(Semaphore::new(WAITING)),
            delivering: Semaphore::new(AT_ONCE),
        });
        Self {
            templates,
            office,
            runtime,
        }
    }

    /// Waits until no letter waits any more, but not for ever: one whose turn to be tried again comes later is lost.
    pub async fn close(&self, patience: Duration) {
        let all = u32::try_from(WAITING).unwrap_or(u32::MAX);
        if timeout(patience, self.office.waiting.acquire_many(all))
            .await
            .is_err()
        {
            let letters = WAITING - self.office.waiting.available_permits();
            tracing::warn!(letters, "letters that were not sent yet are lost");
        }
    }
}

impl Mailer for Post {
    fn send(&self, letter: Letter) {
        let Ok(place) = Arc::clone(&self.office.waiting).try_acquire_owned() else {
            self.office.metrics.ended(Outcome::Dropped);
            tracing::error!("a letter was dropped: too many wait to be sent");
            return;
        };
        let message = self.templates.word(&letter);
        let (office, waiting) = (Arc::clone(&self.office), self.office.metrics.waiting());
        self.runtime.spawn(async move {
            office.deliver(&message, waiting).await;
            drop(place);
        });
    }
}

impl Office {
    async fn deliver(&self, message: &Message, waiting: Waiting) {
        let mut pauses = PAUSES.into_iter();
        let outcome = loop {
            match (self.attempt(message).await, pauses.next()) {
                (Ok(()), _) => break Outcome::Sent,
                (Err(error @ Undelivered::NotNow(_)), Some(pause)) => {
                    self.metrics.retried();
                    tracing::warn!(%error, again_in = pause.as_secs(), "a letter was not sent");
                    sleep(pause).await;
                }
                (Err(error), _) => {
                    tracing::error!(%error, "a letter could not be sent and is given up");
                    break Outcome::Failed;
                }
            }
        };
        drop(waiting);
        self.metrics.ended(outcome);
    }

    async fn attempt(&self, message: &Message) -> Result<(), Undelivered> {
        // It is never closed.
        let _turn = self.delivering.acquire().await;
        match timeout(PATIENCE, self.carrier.deliver(message)).await {
            Ok(delivered) => delivered,
            Err(_) => Err(Undelivered::NotNow("it takes too long".to_owned())),
        }
    }
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post").finish_non_exhaustive()
    }
}

/// Where no mail is configured. Nobody gets to ask for a letter then.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMail;

impl Mailer for NoMail {
    fn send(&self, _letter: Letter) {
        tracing::error!("a letter was dropped: no mail is configured");
    }
}
