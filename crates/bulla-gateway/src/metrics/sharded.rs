//! Counting on several threads at once.

use std::array;

/// More threads than this share.
const SHARDS: usize = 16;

/// One value for each thread, none of which shares a cache line with another: counting on one would otherwise wait for
/// the other processors.
#[derive(Debug)]
pub(crate) struct Sharded<T>(Box<[Apart<T>; SHARDS]>);

/// Two lines, because processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart<T>(T);

impl<T> Sharded<T> {
    /// The value of the thread with this worker.
    pub(crate) fn of(&self, worker: u16) -> &T {
        &self.0[usize::from(worker) % SHARDS].0
    }

    /// Over all of them.
    pub(super) fn sum(&self, count: impl Fn(&T) -> u64) -> u64 {
        self.0.iter().map(|shard| count(&shard.0)).sum()
    }
}

impl<T: Default> Default for Sharded<T> {
    fn default() -> Self {
        Self(Box::new(array::from_fn(|_| Apart::default())))
    }
}
