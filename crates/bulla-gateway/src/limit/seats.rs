//! Connections at once.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bulla_guard::client::AddressPrefix;

/// How many connections each address has. Only accepting and closing waits for the lock.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    taken: Mutex<HashMap<AddressPrefix, u32>>,
    refused: AtomicU64,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
#[must_use = "the connection counts as long as this lives"]
pub(crate) struct Seat(Option<(Arc<Seats>, AddressPrefix)>);

impl Seats {
    /// A seat for one more connection of an address that may have so many; `None`: it has them.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr, most: NonZeroU32) -> Option<Seat> {
        let prefix = AddressPrefix::narrowest(address);
        let mut all = self.lock();
        let taken = all.entry(prefix).or_default();
        if *taken >= most.get() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        *taken += 1;
        Some(Seat(Some((Arc::clone(self), prefix))))
    }

    /// Connections that were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    // No panic leaves a count half changed.
    fn lock(&self) -> MutexGuard<'_, HashMap<AddressPrefix, u32>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// One that counts for nobody.
    pub(crate) const FREE: Self = Self(None);
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((seats, prefix)) = &self.0 else {
            return;
        };
        if let Entry::Occupied(mut taken) = seats.lock().entry(*prefix) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_again_once_its_connection_has_ended() {
        let seats = Arc::new(Seats::default());
        let most = NonZeroU32::new(2).unwrap();
        let take = |address: &str| seats.take(address.parse().unwrap(), most);
        let first = take("2001:db8::1").unwrap();
        let second = take("2001:db8::2").unwrap();
        assert!(take("2001:db8::3").is_none());
        assert!(take("2001:db8:0:1::1").is_some());
        assert_eq!(seats.refused(), 1);
        drop(first);
        let third = take("2001:db8::3").unwrap();
        drop((second, third));
        assert!(seats.lock().is_empty());
    }
}
