//! Forgetting what no longer counts.

use std::time::Duration;

use bulla_core::store::StoreError;

use super::Issuer;

/// Ended sessions stay this long, for the audit of what happened to them.
const KEEP_ENDED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Revocations stay this long past the end of what they hit: a clock that was ahead for a while must
/// not make the tokens good again that it took for expired.
const KEEP_REVOKED: Duration = Duration::from_secs(24 * 60 * 60);

/// Few enough that no request waits long behind one batch.
const BATCH: u32 = 500;

impl Issuer {
    /// Removes sessions that ended more than 30 days ago and revocations that have hit nothing for a
    /// day, batch by batch. To be called every few minutes. Returns how many rows went.
    ///
    /// # Errors
    /// [`StoreError`]; earlier batches are gone.
    pub async fn tidy(&self) -> Result<u64, StoreError> {
        let now = self.now();
        self.revocations().prune(self.unix_time());
        let mut removed = 0;
        loop {
            let purge = self
                .store
                .purge(now.before(KEEP_ENDED), now.before(KEEP_REVOKED), BATCH);
            let batch = purge.await?;
            removed += batch;
            if batch < u64::from(BATCH) {
                return Ok(removed);
            }
        }
    }
}
