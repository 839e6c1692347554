//! Forgetting what no longer counts.

use std::time::Duration;

use bulla_core::store::{Retention, StoreError};

use super::Issuer;

/// Ended sessions stay this long, for the audit of what happened to them.
const KEEP_ENDED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Revocations stay this long past the end of what they hit: a clock that was ahead for a while must
/// not make the tokens good again that it took for expired.
const KEEP_REVOKED: Duration = Duration::from_secs(24 * 60 * 60);

/// Few enough that no request waits long behind one batch.
const BATCH: u32 = 500;

impl Issuer {
    /// Removes sessions that ended more than 30 days ago, revocations that have hit nothing for a day, links that expired
    /// (with them whoever never proved their address), and audit events that are older than they are kept; batch by batch,
    /// so that others write in between. To be called every few minutes. Returns how many rows went.
    ///
    /// # Errors
    /// [`StoreError`]; earlier batches are gone.
    pub async fn tidy(&self) -> Result<u64, StoreError> {
        let now = self.now();
        self.revocations().prune(self.unix_time());
        let kept = self.settings.audit_retention;
        let retention = Retention {
            ended_before: now.before(KEEP_ENDED),
            revoked_until: now.before(KEEP_REVOKED),
            expired_before: now,
            recorded_before: kept.map(|span| now.before(span)),
        };
        let mut removed = 0;
        loop {
            let batch = self.store.purge(retention, BATCH).await?;
            removed += batch;
            if batch < u64::from(BATCH) {
                return Ok(removed);
            }
        }
    }
}
