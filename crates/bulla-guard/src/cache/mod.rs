//! Tokens whose signature was good, so that the next request with one of them is spared that work.
//!
//! What else can change is checked on every hit: the times here, revocation and policy by whoever asks.

mod shard;
mod weight;

use std::{fmt, hash::BuildHasher};

use bulla_jose::{jws::MAX_TOKEN_BYTES, jwt::UnixTime};
use hashbrown::DefaultHashBuilder;

use self::shard::Shard;
use crate::verified::{Verified, VerifiedBy};

/// Requests with different tokens seldom meet at the same lock. A power of two.
const MAX_SHARDS: usize = 64;

/// A cache too small for so much in each shard has fewer of them.
const MIN_SHARD_BYTES: usize = 256 * 1024;

/// Verified tokens, bounded by bytes. Only the verifier puts something in, so only a good signature takes up room.
///
/// The key is the whole token. Its bytes are compared only once all 64 bits of a secretly seeded hash agree, so how long
/// a look-up takes says nothing about what is in here.
pub(crate) struct TokenCache {
    hasher: DefaultHashBuilder,
    shards: Box<[Shard]>,
}

/// What a cache of verified tokens did since the start, and what it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheStatus {
    /// Tokens that were found, still in time and verified with the present keys.
    pub hits: u64,
    /// Tokens that were not, good and bad ones.
    pub misses: u64,
    /// Good ones that made room for others, or had expired.
    pub evicted: u64,
    /// Tokens it holds.
    pub tokens: usize,
    /// Bytes it holds, tokens and claims and what it takes to find them.
    pub bytes: usize,
}

impl TokenCache {
    /// A cache of at most so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let shards = (bytes / MIN_SHARD_BYTES).clamp(1, MAX_SHARDS);
        let shards = 1 << shards.ilog2();
        let shard = || Shard::new(bytes / shards);
        Self {
            hasher: DefaultHashBuilder::default(),
            shards: std::iter::repeat_with(shard).take(shards).collect(),
        }
    }

    /// The token, if it is in time and the keys that it was verified with are `current`.
    pub(crate) fn find(
        &self,
        text: &str,
        now: UnixTime,
        current: impl Fn(VerifiedBy) -> bool,
    ) -> Option<Verified> {
        if text.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let hash = self.hasher.hash_one(text);
        self.shard(hash).find(hash, text, now, current)
    }

    /// Keeps a token whose signature was good, if there is room. Who was faster with the same token wins: what is
    /// returned is the one to go on with.
    pub(crate) fn keep(&self, verified: Verified, now: UnixTime) -> Verified {
        let hash = self.hasher.hash_one(&*verified.token().text);
        self.shard(hash).keep(hash, verified, now)
    }

    pub(crate) fn status(&self) -> CacheStatus {
        let statuses = self.shards.iter().map(Shard::status);
        statuses.fold(CacheStatus::default(), |sum, shard| CacheStatus {
            hits: sum.hits + shard.hits,
            misses: sum.misses + shard.misses,
            evicted: sum.evicted + shard.evicted,
            tokens: sum.tokens + shard.tokens,
            bytes: sum.bytes + shard.bytes,
        })
    }

    fn shard(&self, hash: u64) -> &Shard {
        // Bits that the table within the shard uses neither for the slot (the lowest) nor for the tag (the highest).
        let index = usize::try_from(hash >> 40).unwrap_or(0) & (self.shards.len() - 1);
        &self.shards[index]
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenCache")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
