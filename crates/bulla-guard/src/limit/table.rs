//! Buckets of many keys, for many threads, in bounded memory.

use std::{
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Bucket, Level, Moment, Quota, shard::Shard};

/// Requests with different keys seldom meet at the same lock. A power of two.
const SHARDS: usize = 256;

/// Buckets by key. One that is empty is no different from none, so only empty ones make room for others, and what is in a
/// bucket is never forgotten: where there is no room, whoever asks is [told so](Charge::NoRoom).
///
/// A key is 64 bits of a secretly seeded hash (SipHash) of what is counted: nobody can choose two things that share a
/// bucket. Memory grows with the buckets that are not empty at one time, never with those there have ever been.
pub struct BucketTable {
    hasher: RandomState,
    shards: Box<[Apart]>,
}

/// On cache lines of its own, so that the locks of two shards do not slow each other down.
#[repr(align(128))]
struct Apart(Mutex<Shard>);

/// What is counted, in one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketKey(u64);

/// What became of one that was to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// It fitted; the level with it.
    Passed(Level),
    /// It did not; the level as it is.
    Refused(Level),
    /// It was not counted: the table is full of buckets that are not empty.
    NoRoom,
}

impl BucketTable {
    /// A table of 16 bytes for each of so many buckets, rounded up to a power of two. Once more than about 90 % of them
    /// are not empty, it has no room for some keys.
    #[must_use]
    pub fn new(buckets: usize) -> Self {
        let max_sets = Shard::sets_for(buckets.div_ceil(SHARDS));
        let shard = || Apart(Mutex::new(Shard::new(max_sets)));
        Self {
            hasher: RandomState::new(),
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
        }
    }

    /// The key of what is counted. What differs in any part has another bucket.
    #[must_use]
    pub fn key(&self, counted: impl Hash) -> BucketKey {
        BucketKey(self.hasher.hash_one(counted))
    }

    /// Counts one, if it fits.
    #[must_use]
    pub fn take(&self, key: BucketKey, quota: &Quota, now: Moment) -> Charge {
        let mut shard = self.shard(key);
        match shard.find_or_make(key.0, quota.capacity(), now) {
            Some(bucket) => match bucket.take(quota, now) {
                Ok(level) => Charge::Passed(level),
                Err(level) => Charge::Refused(level),
            },
            None => Charge::NoRoom,
        }
    }

    /// Counts so many, up to what the bucket holds. `None`: there is no room for the bucket, and nothing was counted.
    #[must_use]
    pub fn pour(&self, key: BucketKey, quota: &Quota, amount: u32, now: Moment) -> Option<Level> {
        let mut shard = self.shard(key);
        let bucket = shard.find_or_make(key.0, quota.capacity(), now)?;
        Some(bucket.pour(quota, amount, now))
    }

    /// How full a bucket is.
    #[must_use]
    pub fn level(&self, key: BucketKey, quota: &Quota, now: Moment) -> Level {
        match self.shard(key).find(key.0) {
            Some(bucket) => bucket.level(quota, now),
            None => Level::empty(quota),
        }
    }

    /// Empties a bucket.
    pub fn clear(&self, key: BucketKey) {
        if let Some(bucket) = self.shard(key).find(key.0) {
            *bucket = Bucket::default();
        }
    }

    /// Bytes it has at present.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let shards = self.shards.iter().map(|shard| lock(shard).bytes());
        size_of_val(&*self.shards) + shards.sum::<usize>()
    }

    fn shard(&self, key: BucketKey) -> MutexGuard<'_, Shard> {
        // Bits that do not choose the set.
        let index = usize::try_from(key.0 >> 56).unwrap_or(0) % SHARDS;
        lock(&self.shards[index])
    }
}

// No panic leaves a shard half changed.
fn lock(shard: &Apart) -> MutexGuard<'_, Shard> {
    shard.0.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for BucketTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BucketTable")
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}
