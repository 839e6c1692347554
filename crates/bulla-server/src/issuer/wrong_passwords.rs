//! Wrong passwords, on their way to the audit log.

use std::{sync::Arc, time::Duration};

use bulla_core::{authentication::RecordedPasswords, store::StoreError};
use tokio::time::MissedTickBehavior;

use super::Issuer;

/// How often it is looked which ones are due.
const EVERY: Duration = Duration::from_secs(10);

impl Issuer {
    /// Writes them when it is time for them, as long as it is polled.
    pub async fn keep_wrong_passwords(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            told(self.authentication().record_wrong_passwords().await);
        }
    }

    /// Writes the rest, at the end.
    pub async fn flush_wrong_passwords(&self) {
        told(self.authentication().flush_wrong_passwords().await);
    }
}

fn told(recorded: Result<RecordedPasswords, StoreError>) {
    match recorded {
        Ok(RecordedPasswords { left_out: 0, .. }) => {}
        Ok(RecordedPasswords { left_out, .. }) => {
            tracing::warn!(
                left_out,
                "wrong passwords of so many accounts come that not all are in the audit log"
            );
        }
        Err(error) => tracing::warn!(%error, "wrong passwords cannot be recorded yet"),
    }
}
