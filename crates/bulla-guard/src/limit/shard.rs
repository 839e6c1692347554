//! Part of a table of buckets: what one lock guards.

use super::{Bucket, Moment};

/// Buckets of a set: their keys are one cache line, they themselves another.
const WAYS: usize = 8;

/// Buckets by key. A key has its place in one of two sets, in that with more room when it came, so all sets fill alike.
/// There are more sets once both are full, up to a limit.
#[derive(Debug)]
pub(super) struct Shard {
    /// A power of two.
    sets: Box<[Set]>,
    max_sets: usize,
    /// The most that any bucket has been able to hold, in nanoseconds.
    longest: u64,
}

/// An empty bucket may be anybody's, whatever its key.
#[derive(Debug, Clone, Default)]
#[repr(align(128))]
struct Set {
    keys: [u64; WAYS],
    buckets: [Bucket; WAYS],
}

/// Where a bucket is.
#[derive(Debug, Clone, Copy)]
struct Place {
    set: usize,
    way: usize,
}

impl Shard {
    /// At most so many sets, a power of two.
    pub(super) fn new(max_sets: usize) -> Self {
        Self {
            sets: vec![Set::default()].into(),
            max_sets,
            longest: 0,
        }
    }

    /// How many sets have so much room.
    pub(super) const fn sets_for(buckets: usize) -> usize {
        buckets.div_ceil(WAYS).next_power_of_two()
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.sets)
    }

    /// The bucket of a key, if there is one.
    pub(super) fn find(&mut self, key: u64) -> Option<&mut Bucket> {
        let place = self.place(key)?;
        Some(self.bucket(place))
    }

    /// The bucket of a key, which may hold `capacity` nanoseconds: an empty one if there was none. `None`: there is no
    /// room, because nothing that is there is empty.
    pub(super) fn find_or_make(
        &mut self,
        key: u64,
        capacity: u64,
        now: Moment,
    ) -> Option<&mut Bucket> {
        self.longest = self.longest.max(capacity);
        let place = match self.place(key).or_else(|| self.make(key, now)) {
            Some(place) => place,
            None if self.grow(now) => self.make(key, now)?,
            None => return None,
        };
        Some(self.bucket(place))
    }

    fn place(&self, key: u64) -> Option<Place> {
        self.candidates(key).into_iter().find_map(|set| {
            let way = self.sets[set].keys.iter().position(|other| *other == key)?;
            Some(Place { set, way })
        })
    }

    /// A place for a key that has none.
    fn make(&mut self, key: u64, now: Moment) -> Option<Place> {
        let [first, second] = self.candidates(key);
        let longest = self.longest;
        let [more, less] = [first, second].map(|set| self.sets[set].room(longest, now));
        let set = if less > more { second } else { first };
        let chosen = &mut self.sets[set];
        let way = chosen
            .buckets
            .iter()
            .position(|bucket| bucket.is_empty(now))?;
        chosen.keys[way] = key;
        Some(Place { set, way })
    }

    /// Doubles the room, without the empty buckets. Does nothing, and says so, at the limit, or if a bucket had no place
    /// then: what is in a bucket is never forgotten.
    fn grow(&mut self, now: Moment) -> bool {
        if self.sets.len() >= self.max_sets {
            return false;
        }
        let mut grown = Self {
            sets: vec![Set::default(); self.sets.len() * 2].into(),
            ..*self
        };
        for (key, bucket) in self.sets.iter().flat_map(Set::filled) {
            if bucket.is_empty(now) {
                continue;
            }
            match grown.make(key, now) {
                Some(place) => *grown.bucket(place) = bucket,
                None => return false,
            }
        }
        *self = grown;
        true
    }

    /// The sets that a key may be in.
    fn candidates(&self, key: u64) -> [usize; 2] {
        let mask = self.sets.len() - 1;
        [key, key >> 28].map(|bits| usize::try_from(bits & 0xfff_ffff).unwrap_or(0) & mask)
    }

    fn bucket(&mut self, place: Place) -> &mut Bucket {
        &mut self.sets[place.set].buckets[place.way]
    }
}

impl Set {
    /// How many of its buckets are empty.
    fn room(&mut self, longest: u64, now: Moment) -> usize {
        let mut room = 0;
        for bucket in &mut self.buckets {
            bucket.settle(longest, now);
            room += usize::from(bucket.is_empty(now));
        }
        room
    }

    fn filled(&self) -> impl Iterator<Item = (u64, Bucket)> {
        self.keys.into_iter().zip(self.buckets)
    }
}
