//! Tokens in use are reported: the first time, and then from time to time, found in the cache or not.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bulla_gateway::{GatewaySettings, clock::Clock};
use bulla_guard::access::Access;
use serde_json::json;

use crate::support::{NOW, TestGateway, TestUpstream, claims, route, token, upstream};

/// A clock that stands still until it is set.
#[derive(Clone)]
struct SetClock(Arc<AtomicU64>);

impl Clock for SetClock {
    fn milliseconds(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl SetClock {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOW * 1000)))
    }

    /// Sets the clock so far after [`NOW`].
    fn set(&self, milliseconds: u64) {
        self.0.store(NOW * 1000 + milliseconds, Ordering::Relaxed);
    }

    fn install(&self, settings: &mut GatewaySettings) {
        settings.clock = Arc::new(self.clone());
    }
}

async fn start(server: &TestUpstream, clock: &SetClock) -> TestGateway {
    let route = route("/{*rest}", Access::Authenticated, upstream(server.address));
    TestGateway::start_with(vec![route], |settings| clock.install(settings)).await
}

#[tokio::test]
async fn a_token_that_was_seen_long_before_is_reported_again() {
    let server = TestUpstream::start().await;
    let clock = SetClock::new();
    let gateway = start(&server, &clock).await;
    let bearer = format!("Authorization: Bearer {}\r\n", token(&claims()));
    // The interval of the test gateway is 5 s.
    for (milliseconds, reports) in [
        (0, 1),
        (100, 1),
        (4_999, 1),
        (5_000, 2),
        (9_999, 2),
        (61_000, 3),
    ] {
        clock.set(milliseconds);
        assert_eq!(gateway.get("/a", &bearer).await.status, 200);
        assert_eq!(
            gateway.sightings().len(),
            reports,
            "after {milliseconds} ms"
        );
    }
    assert!(
        gateway
            .metrics()
            .contains("bulla_gateway_token_cache_hits_total 5\n")
    );
}

#[tokio::test]
async fn another_token_of_the_same_session_is_reported_for_itself() {
    let server = TestUpstream::start().await;
    let clock = SetClock::new();
    let gateway = start(&server, &clock).await;
    let mut next = claims();
    next["gen"] = json!(8);
    next["jti"] = json!("tok_2");
    for claims in [claims(), next] {
        let bearer = format!("Authorization: Bearer {}\r\n", token(&claims));
        assert_eq!(gateway.get("/a", &bearer).await.status, 200);
    }
    let expected = [7, 8].map(|generation| ("ses_1".to_owned(), generation));
    assert_eq!(gateway.sightings(), expected);
}
