//! A map from text to a small value that many threads read while few write.

use std::{
    hash::BuildHasher,
    sync::{
        PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

/// Writers hold up only the readers of their own shard. A power of two.
const SHARDS: usize = 64;

/// One hash finds shard and slot; an empty table is not even hashed for.
#[derive(Debug)]
pub(super) struct Table<V> {
    hasher: DefaultHashBuilder,
    filled: AtomicUsize,
    shards: Box<[Shard<V>]>,
}

/// On cache lines of its own, so that the locks of two shards do not slow each other down.
#[derive(Debug)]
#[repr(align(128))]
struct Shard<V>(RwLock<HashTable<Slot<V>>>);

#[derive(Debug)]
struct Slot<V> {
    key: Box<str>,
    value: V,
}

impl<V: Copy> Table<V> {
    /// The value of this key.
    pub(super) fn find(&self, key: &str) -> Option<V> {
        if self.is_empty() {
            return None;
        }
        let hash = self.hasher.hash_one(key);
        let shard = self.shard(hash).read();
        shard
            .find(hash, |slot| &*slot.key == key)
            .map(|slot| slot.value)
    }

    /// Adds the value, or merges it into the one that is there.
    pub(super) fn merge(&self, key: &str, value: V, merge: impl FnOnce(V, V) -> V) {
        let hash = self.hasher.hash_one(key);
        let mut shard = self.shard(hash).write();
        let same = |slot: &Slot<V>| &*slot.key == key;
        match shard.entry(hash, same, |slot| self.hasher.hash_one(&*slot.key)) {
            Entry::Occupied(mut there) => {
                let slot = there.get_mut();
                slot.value = merge(slot.value, value);
            }
            Entry::Vacant(free) => {
                free.insert(Slot {
                    key: key.into(),
                    value,
                });
                self.filled.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// Replaces every value; those that become `None` are removed. Returns how many were. Locks one
    /// shard after the other.
    pub(super) fn retain(&self, keep: impl Fn(V) -> Option<V>) -> usize {
        self.shards
            .iter()
            .map(|shard| self.retain_in(shard, &keep))
            .sum()
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.filled.load(Ordering::Acquire)
    }

    fn retain_in(&self, shard: &Shard<V>, keep: impl Fn(V) -> Option<V>) -> usize {
        let mut slots = shard.write();
        let before = slots.len();
        slots.retain(|slot| match keep(slot.value) {
            Some(value) => {
                slot.value = value;
                true
            }
            None => false,
        });
        let kept = slots.len();
        if slots.capacity() / 4 > kept {
            slots.shrink_to(kept * 2, |slot| self.hasher.hash_one(&*slot.key));
        }
        self.filled.fetch_sub(before - kept, Ordering::Release);
        before - kept
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, hash: u64) -> &Shard<V> {
        // Bits that the table within the shard uses neither for the slot (the lowest) nor for the
        // tag (the highest seven).
        let index = usize::try_from(hash >> 40 & (SHARDS as u64 - 1)).unwrap_or(0);
        &self.shards[index]
    }
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        let shard = || Shard(RwLock::new(HashTable::new()));
        Self {
            hasher: DefaultHashBuilder::default(),
            filled: AtomicUsize::new(0),
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
        }
    }
}

impl<V> Shard<V> {
    // A writer that panicked left every slot whole: the set goes on rather than forget revocations.
    fn read(&self) -> RwLockReadGuard<'_, HashTable<Slot<V>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashTable<Slot<V>>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_are_found_merged_and_removed_again() {
        let table = Table::default();
        for number in 0..10_000_u32 {
            table.merge(&format!("key {number}"), number, u32::max);
            table.merge(&format!("key {number}"), number + 1, u32::max);
        }
        assert_eq!(table.len(), 10_000);
        assert_eq!(table.find("key 4711"), Some(4712));
        assert_eq!(table.find("key 10000"), None);

        let removed = table.retain(|value| (value > 5_000).then_some(value));
        assert_eq!(removed, 5_000);
        assert_eq!(table.len(), 5_000);
        assert_eq!(table.find("key 4711"), None);
        assert_eq!(table.find("key 5000"), Some(5001));
    }
}
