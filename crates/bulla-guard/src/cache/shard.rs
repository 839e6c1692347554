//! A part of the cache behind a lock of its own, and who has to make room in it.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use bulla_jose::jwt::UnixTime;
use hashbrown::HashTable;

use super::{CacheStatus, weight};
use crate::verified::{Verified, VerifiedBy};

/// How many places are looked at for expired tokens whenever one is added: more than one, so that what is kept follows
/// what is alive.
const LOOKED_AT: usize = 4;

/// On cache lines of its own, so that two shards do not slow each other down.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Shard {
    tokens: RwLock<Tokens>,
    hits: AtomicU64,
    misses: AtomicU64,
    evicted: AtomicU64,
    budget: usize,
}

#[derive(Debug, Default)]
struct Tokens {
    table: HashTable<Slot>,
    bytes: usize,
    /// The place at which the search for room goes on.
    hand: usize,
}

#[derive(Debug)]
struct Slot {
    hash: u64,
    weight: usize,
    verified: Verified,
}

impl Shard {
    pub(super) fn new(budget: usize) -> Self {
        Self {
            tokens: RwLock::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            budget,
        }
    }

    pub(super) fn find(
        &self,
        hash: u64,
        text: &str,
        now: UnixTime,
        current: impl Fn(VerifiedBy) -> bool,
    ) -> Option<Verified> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let found = tokens.find(hash, text).filter(|slot| {
            let token = slot.verified.token();
            token.holds_at(now) && current(token.by)
        });
        let found = found.map(|slot| {
            let used = &slot.verified.token().used;
            // Written once only: the next readers share the line.
            if !used.load(Ordering::Relaxed) {
                used.store(true, Ordering::Relaxed);
            }
            slot.verified.clone()
        });
        drop(tokens);
        let counter = if found.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    pub(super) fn keep(&self, hash: u64, verified: Verified, now: UnixTime) -> Verified {
        let weight = weight::of(verified.token());
        if weight > self.budget {
            return verified;
        }
        // Freed once the lock is: others need not wait for that.
        let mut gone = Vec::new();
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        let kept = tokens.keep(Slot {
            hash,
            weight,
            verified,
        });
        let by = kept.token().by;
        for _ in 0..LOOKED_AT {
            tokens.look_at_next(now, by, false, &mut gone);
        }
        // Ends: each round either frees a place or takes away its second chance.
        while tokens.bytes > self.budget && !tokens.table.is_empty() {
            tokens.look_at_next(now, by, true, &mut gone);
        }
        drop(tokens);
        self.evicted.fetch_add(gone.len() as u64, Ordering::Relaxed);
        kept
    }

    pub(super) fn status(&self) -> CacheStatus {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        CacheStatus {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evicted: self.evicted.load(Ordering::Relaxed),
            tokens: tokens.table.len(),
            bytes: tokens.bytes,
        }
    }
}

impl Tokens {
    fn find(&self, hash: u64, text: &str) -> Option<&Slot> {
        self.table.find(hash, |slot| {
            slot.hash == hash && *slot.verified.token().text == *text
        })
    }

    /// Puts a token in the place of one with the same text; the one that is there from now on.
    fn keep(&mut self, new: Slot) -> Verified {
        let text = &*new.verified.token().text;
        let same = |slot: &Slot| slot.hash == new.hash && *slot.verified.token().text == *text;
        if let Some(there) = self.table.find_mut(new.hash, same) {
            let (earlier, token) = (there.verified.token(), new.verified.token());
            if !token.by.replaces(earlier.by) {
                return there.verified.clone();
            }
            token.reported_as(earlier);
            self.bytes = self.bytes - there.weight + new.weight;
            *there = new;
            return there.verified.clone();
        }
        self.bytes += new.weight;
        let kept = new.verified.clone();
        self.table.insert_unique(new.hash, new, |slot| slot.hash);
        kept
    }

    /// Moves the hand on by one place. A token there goes if it is of no more use, or, where room is `needed`, if nobody
    /// has used it since the hand last came by: so those in use outlast a flood of those that come once.
    fn look_at_next(
        &mut self,
        now: UnixTime,
        by: VerifiedBy,
        needed: bool,
        gone: &mut Vec<Verified>,
    ) {
        self.hand += 1;
        if self.hand >= self.table.num_buckets() {
            self.hand = 0;
        }
        let Ok(place) = self.table.get_bucket_entry(self.hand) else {
            return;
        };
        let token = place.get().verified.token();
        let outdated = token.by.issuer == by.issuer && by.replaces(token.by);
        let useless = now >= token.until || outdated;
        let goes = useless || (needed && !token.used.swap(false, Ordering::Relaxed));
        if goes {
            let (slot, _) = place.remove();
            self.bytes -= slot.weight;
            gone.push(slot.verified);
        }
    }
}
