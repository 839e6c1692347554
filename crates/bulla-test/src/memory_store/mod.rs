//! The store without a disk.

mod acts;
mod port;
mod tables;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bulla_core::{
    audit::AuditEvent,
    ports::RevocationSink,
    revocation::{RevocationTarget, RevocationTerm},
    store::StoreError,
    time::Timestamp,
};

use self::tables::Tables;
use crate::{RecordedRevocations, tasks::step_aside};

/// The store without a disk. Every transaction steps aside before it begins, so that futures that
/// run side by side meet in every order.
pub struct MemoryStore {
    tables: Mutex<Tables>,
    sink: Arc<dyn RevocationSink>,
}

/// All that a store holds, at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot(Tables);

impl MemoryStore {
    /// An empty store that publishes its revocations there.
    #[must_use]
    pub fn new(sink: Arc<dyn RevocationSink>) -> Self {
        Self {
            tables: Mutex::default(),
            sink,
        }
    }

    /// What it holds now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.lock().clone())
    }

    /// Goes back to what it held then: a failover to a replica that lagged behind.
    pub fn restore(&self, snapshot: Snapshot) {
        *self.lock() = snapshot.0;
    }

    /// From now on every call fails, or none.
    pub fn set_unavailable(&self, unavailable: bool) {
        self.lock().unavailable = unavailable;
    }

    /// All audit events, in order.
    #[must_use]
    pub fn events(&self) -> Vec<AuditEvent> {
        self.lock().events.clone()
    }

    /// Writes a revocation, and publishes it before anybody sees the tables again.
    fn revoke(
        &self,
        tables: &mut Tables,
        target: RevocationTarget,
        term: RevocationTerm,
        last_hand_out: Option<Timestamp>,
    ) {
        let record = tables.revoke(target, term, last_hand_out);
        self.sink.publish(&[record]);
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn begin(&self) -> Result<MutexGuard<'_, Tables>, StoreError> {
        step_aside().await;
        let tables = self.lock();
        if tables.unavailable {
            return Err(StoreError::Unavailable("told to be".to_owned()));
        }
        Ok(tables)
    }
}

impl Default for MemoryStore {
    /// An empty store whose revocations nobody heeds.
    fn default() -> Self {
        Self::new(Arc::new(RecordedRevocations::default()))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
