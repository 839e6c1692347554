//! When letters are delivered, and when they are given up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bulla_core::ports::Mailer;
use bulla_server::mail::{Carrier, MailMetrics, Message, Post, Undelivered};
use prometheus_client::{encoding::text::encode, registry::Registry};
use tokio::{runtime::Handle, time::Instant};

use super::{letter, templates};

const LONG: Duration = Duration::from_secs(3600);

/// Fails so often, with this.
struct Moody {
    failures: u32,
    error: Undelivered,
    attempts: AtomicU32,
}

#[async_trait]
impl Carrier for Moody {
    async fn deliver(&self, _message: &Message) -> Result<(), Undelivered> {
        let before = self.attempts.fetch_add(1, Ordering::SeqCst);
        if before < self.failures {
            return Err(self.error.clone());
        }
        Ok(())
    }
}

/// Sends a letter by a carrier that fails so, and waits for its end: the attempts, and the metrics.
async fn sent(failures: u32, error: Undelivered) -> (u32, String) {
    let attempts = AtomicU32::new(0);
    let carrier = Arc::new(Moody {
        failures,
        error,
        attempts,
    });
    let (metrics, mut registry) = (MailMetrics::default(), Registry::default());
    metrics.register(&mut registry);
    let post = Post::new(templates(), carrier.clone(), metrics, Handle::current());
    post.send(letter("ada@example.com"));
    post.close(LONG).await;
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    (carrier.attempts.load(Ordering::SeqCst), text)
}

fn not_now() -> Undelivered {
    Undelivered::NotNow("busy".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_fails_is_tried_again_later_and_later() {
    let began = Instant::now();
    let (attempts, metrics) = sent(2, not_now()).await;
    assert_eq!(attempts, 3);
    assert_eq!(began.elapsed(), Duration::from_secs(2 + 15));
    assert!(
        metrics.contains("bulla_mail_letters_total{outcome=\"sent\"} 1"),
        "{metrics}"
    );
    assert!(metrics.contains("bulla_mail_retries_total 2"), "{metrics}");
    assert!(metrics.contains("bulla_mail_waiting 0"), "{metrics}");
}

#[tokio::test(start_paused = true)]
async fn a_letter_is_given_up_after_the_fifth_attempt() {
    let (attempts, metrics) = sent(u32::MAX, not_now()).await;
    assert_eq!(attempts, 5);
    assert!(
        metrics.contains("bulla_mail_letters_total{outcome=\"failed\"} 1"),
        "{metrics}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_will_never_be_taken_is_given_up_at_once() {
    let (attempts, _) = sent(u32::MAX, Undelivered::Never("no such user".to_owned())).await;
    assert_eq!(attempts, 1);
}

/// Takes for ever.
struct Stuck;

#[async_trait]
impl Carrier for Stuck {
    async fn deliver(&self, _message: &Message) -> Result<(), Undelivered> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_letters_wait_and_no_more() {
    let (metrics, mut registry) = (MailMetrics::default(), Registry::default());
    metrics.register(&mut registry);
    let post = Post::new(templates(), Arc::new(Stuck), metrics, Handle::current());
    for _ in 0..1001 {
        post.send(letter("ada@example.com"));
    }
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    assert!(text.contains("bulla_mail_waiting 1000"), "{text}");
    assert!(
        text.contains("bulla_mail_letters_total{outcome=\"dropped\"} 1"),
        "{text}"
    );
    // And nobody waits for ever.
    post.close(Duration::from_secs(3)).await;
}
