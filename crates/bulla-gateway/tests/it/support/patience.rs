//! Waiting for something that comes by itself, but not for ever.

use std::{fmt::Display, future::Future, time::Duration};

/// Far above what any test waits for: what should have come fails its test instead of hanging it.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is asked for.
const NOW_AND_THEN: Duration = Duration::from_millis(10);

/// Waits for this.
pub(crate) async fn within_patience<T>(
    what: impl Display,
    waited_for: impl Future<Output = T>,
) -> T {
    let waited = tokio::time::timeout(PATIENCE, waited_for).await;
    assert!(waited.is_ok(), "waited a minute for {what}");
    waited.unwrap()
}

/// Asks again and again until it is so.
pub(crate) async fn eventually(what: impl Display, mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async {
        let mut now_and_then = tokio::time::interval(NOW_AND_THEN);
        while !is_so().await {
            now_and_then.tick().await;
        }
    };
    within_patience(what, asking).await;
}
