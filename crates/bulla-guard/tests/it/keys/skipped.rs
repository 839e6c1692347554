//! Keys of a set that cannot be used.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::time::advance;
use tracing::{
    Event, Level, Metadata, Subscriber,
    span::{Attributes, Id, Record},
    subscriber::set_default,
};

use super::{
    remote::{SECOND, fetched, hold_clock, settings, wait_for},
    server::{Answer, KeyServer},
};
use crate::issuer::Issuer;

/// Counts warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<usize>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN && metadata.target().starts_with("bulla_guard")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        *self.0.lock().unwrap() += 1;
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_skipped_is_said_once_and_not_with_every_change() {
    let _held = hold_clock();
    let warnings = Warnings::default();
    let _installed = set_default(warnings.clone());
    let issuers = [(); 3].map(|()| Issuer::new());
    let set = |good: &Issuer, bad: &[&str]| {
        let good = good.key.verifying_key().public_jwk().unwrap();
        let mut keys = vec![good];
        keys.extend(bad.iter().map(|id| json!({"kty": "future", "kid": id})));
        Answer::Body(json!({ "keys": keys }).to_string().into_bytes())
    };
    let server = KeyServer::start(set(&issuers[0], &["a"]));
    let (remote, _) = fetched(&settings(&server)).await;
    let said = || *warnings.0.lock().unwrap();
    assert_eq!(said(), 1);
    assert_eq!(remote.keys().load().keys.skipped().len(), 1);

    server.answer_with(set(&issuers[1], &["a"]));
    advance(300 * SECOND).await;
    wait_for(&remote, |status| status.succeeded == 2).await;
    assert_eq!(said(), 1);

    server.answer_with(set(&issuers[2], &["a", "b"]));
    advance(300 * SECOND).await;
    wait_for(&remote, |status| status.succeeded == 3).await;
    assert_eq!(said(), 2);
}
