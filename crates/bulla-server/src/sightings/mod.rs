//! Sightings of access tokens on their way from the gateway to the store: collected, not waited for.

mod shards;

use std::{fmt, sync::Arc, time::Duration};

use bulla_core::{session::Sighting, store::Store};
use tokio::{task::JoinHandle, time::MissedTickBehavior};

use shards::Shards;

/// What is seen reaches the store within a second: this, and the time the store takes.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// Bounds how long the store's writer is busy with sightings while somebody waits for an answer.
const BATCH: usize = 500;

/// Collects sightings and settles them in the store, in batches, within a second.
pub struct SightingBatcher {
    collected: Arc<Collected>,
    flushing: JoinHandle<()>,
}

struct Collected {
    store: Arc<dyn Store>,
    settle: Duration,
    shards: Shards,
}

impl SightingBatcher {
    /// Starts the flushing task; to be called inside a tokio runtime. `settle` is the session setting.
    #[must_use]
    pub fn start(store: Arc<dyn Store>, settle: Duration) -> Self {
        let collected = Arc::new(Collected {
            store,
            settle,
            shards: Shards::new(settle),
        });
        let flushed = Arc::clone(&collected);
        let flushing = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(FLUSH_EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                flushed.flush().await;
            }
        });
        Self {
            collected,
            flushing,
        }
    }

    /// Notes a sighting, without ever waiting for the store. One that repeats what was noted just before,
    /// or that finds too many waiting, is dropped: that only delays a verdict.
    pub fn record(&self, sighting: Sighting) {
        self.collected.shards.record(sighting);
    }

    /// Settles what waits now. At shutdown: after the last request, before the store closes.
    pub async fn flush(&self) {
        self.collected.flush().await;
    }
}

impl Drop for SightingBatcher {
    fn drop(&mut self) {
        self.flushing.abort();
    }
}

impl fmt::Debug for SightingBatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SightingBatcher").finish_non_exhaustive()
    }
}

impl Collected {
    async fn flush(&self) {
        for batch in self.shards.take().chunks(BATCH) {
            if let Err(error) = self.store.settle(batch, self.settle).await {
                tracing::warn!(%error, sightings = batch.len(), "sightings are lost; verdicts come later");
            }
        }
    }
}
