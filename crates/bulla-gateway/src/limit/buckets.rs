//! What has been counted, whatever the rules say now.

use std::sync::atomic::{AtomicU64, Ordering};

use bulla_guard::limit::BucketTable;

/// Buckets of each kind that may be filled at one time: 16 MiB.
const CAPACITY: usize = 1 << 20;

/// The buckets of a gateway.
#[derive(Debug)]
pub(crate) struct Buckets {
    /// Of accounts, sessions, clients and whoever else a token names.
    pub(crate) holders: BucketTable,
    /// Of addresses. Apart, so that no number of names takes an address's place.
    pub(crate) addresses: BucketTable,
    /// Requests for whose holder there was no bucket.
    overflows: AtomicU64,
}

impl Buckets {
    /// Tables for so many of each kind.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            holders: BucketTable::new(capacity),
            addresses: BucketTable::new(capacity),
            overflows: AtomicU64::new(0),
        }
    }

    /// One more was counted for its address, because the table of holders is full.
    pub(crate) fn overflowed(&self) {
        self.overflows.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn overflows(&self) -> u64 {
        self.overflows.load(Ordering::Relaxed)
    }
}

impl Default for Buckets {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}
