//! The sightings that wait, and those that were noted a moment ago.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bulla_core::{ids::SessionId, session::Sighting, time::Timestamp};

/// Requests on different cores seldom meet at the same lock.
const SHARDS: usize = 16;

/// Of each shard. Beyond it sightings are dropped: memory stays bounded, verdicts come later.
const CAPACITY: usize = 8192;

/// A generation is noted again this often while it is in use: a verdict comes at most `settle / 12`
/// late, and a session in use costs the store one look in that time.
const NOTES_PER_SETTLE: u32 = 12;

pub(super) struct Shards {
    shards: [Mutex<Shard>; SHARDS],
    again_after: Duration,
}

#[derive(Default)]
struct Shard {
    waiting: Vec<Sighting>,
    noted: HashMap<(SessionId, u64), Timestamp>,
    latest: Option<Timestamp>,
}

impl Shards {
    pub(super) fn new(settle: Duration) -> Self {
        Self {
            shards: Default::default(),
            again_after: settle / NOTES_PER_SETTLE,
        }
    }

    pub(super) fn record(&self, sighting: Sighting) {
        let shard = usize::from(sighting.session.as_bytes()[0]) % SHARDS;
        self.lock(shard).record(sighting, self.again_after);
    }

    /// Takes all that waits.
    pub(super) fn take(&self) -> Vec<Sighting> {
        let mut taken = Vec::new();
        for shard in 0..SHARDS {
            self.lock(shard).take(self.again_after, &mut taken);
        }
        taken
    }

    fn lock(&self, shard: usize) -> std::sync::MutexGuard<'_, Shard> {
        self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn record(&mut self, sighting: Sighting, again_after: Duration) {
        // Also of a sighting that is dropped: what was noted long ago must be forgotten by it.
        self.latest = Some(sighting.seen_at);
        if self.waiting.len() >= CAPACITY || self.noted.len() >= CAPACITY {
            return;
        }
        match self.noted.entry((sighting.session, sighting.generation)) {
            Entry::Occupied(noted) if repeats(*noted.get(), sighting.seen_at, again_after) => {
                return;
            }
            Entry::Occupied(mut noted) => *noted.get_mut() = sighting.seen_at,
            Entry::Vacant(entry) => {
                entry.insert(sighting.seen_at);
            }
        }
        self.waiting.push(sighting);
    }

    fn take(&mut self, again_after: Duration, taken: &mut Vec<Sighting>) {
        taken.append(&mut self.waiting);
        if let Some(latest) = self.latest {
            self.noted
                .retain(|_, noted| repeats(*noted, latest, again_after));
        }
    }
}

/// After a clock that was set back, nothing is a repeat.
fn repeats(noted: Timestamp, seen: Timestamp, again_after: Duration) -> bool {
    noted <= seen && seen.since(noted) < again_after
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(60);

    fn sighting(session: u8, generation: u64, seconds: i64) -> Sighting {
        Sighting {
            session: SessionId::from_bytes([session; 16]),
            generation,
            seen_at: Timestamp::from_millis(seconds * 1000),
        }
    }

    fn kept(sightings: &[Sighting]) -> Vec<Sighting> {
        let shards = Shards::new(SETTLE);
        sightings
            .iter()
            .for_each(|sighting| shards.record(*sighting));
        shards.take()
    }

    #[test]
    fn a_repeat_within_a_twelfth_of_settle_is_dropped_and_a_later_one_is_kept() {
        let (first, repeat, later) = (sighting(1, 1, 0), sighting(1, 1, 4), sighting(1, 1, 5));
        assert_eq!(kept(&[first, repeat, later]), [first, later]);
    }

    #[test]
    fn other_generations_and_sessions_are_no_repeats() {
        let all = [sighting(1, 1, 0), sighting(1, 2, 0), sighting(17, 1, 0)];
        assert_eq!(kept(&all), all);
    }

    #[test]
    fn a_repeat_after_a_flush_is_still_a_repeat() {
        let shards = Shards::new(SETTLE);
        shards.record(sighting(1, 1, 0));
        assert_eq!(shards.take().len(), 1);
        shards.record(sighting(1, 1, 4));
        assert_eq!(shards.take().len(), 0);
    }

    #[test]
    fn memory_is_bounded_and_freed_by_time() {
        let shards = Shards::new(SETTLE);
        for generation in 0..2 * CAPACITY as u64 {
            shards.record(sighting(1, generation, 0));
        }
        assert_eq!(shards.take().len(), CAPACITY);
        shards.record(sighting(1, 99_999, 5));
        assert_eq!(shards.take().len(), 0, "nothing was forgotten yet");
        shards.record(sighting(1, 99_999, 5));
        assert_eq!(shards.take().len(), 1);
    }
}
