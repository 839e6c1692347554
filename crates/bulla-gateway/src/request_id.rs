//! Names for requests.

use std::sync::atomic::{AtomicU64, Ordering};

use bulla_guard::client::RequestId;
use http::HeaderName;

/// What answers and requests to targets carry the name in.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names requests: random bytes of this process, the worker, then a count. Never taken over from a client, and made
/// without a lock.
#[derive(Debug)]
pub(crate) struct RequestIds {
    seed: [u8; 8],
    count: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(seed: [u8; 8], worker: u16) -> Self {
        Self {
            seed,
            count: AtomicU64::new(u64::from(worker) << 48),
        }
    }

    pub(crate) fn next(&self) -> RequestId {
        RequestId::from_random(self.unique())
    }

    /// What the next name is made of.
    pub(crate) fn unique(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.seed);
        bytes[8..].copy_from_slice(&self.count.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes
    }
}
