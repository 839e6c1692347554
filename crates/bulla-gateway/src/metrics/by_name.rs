//! Meters that outlive the rules they came with.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Meters by name: what has been counted stays when the rules are replaced, for a counter must never go back.
#[derive(Debug)]
pub(super) struct ByName<M>(Mutex<BTreeMap<String, Arc<M>>>);

impl<M> ByName<M> {
    /// The meter of this name, a new one if there is none.
    pub(super) fn meter(&self, name: &str, make: impl FnOnce(&str) -> M) -> Arc<M> {
        let mut meters = self.lock();
        if let Some(meter) = meters.get(name) {
            return Arc::clone(meter);
        }
        let meter = Arc::new(make(name));
        meters.insert(name.to_owned(), Arc::clone(&meter));
        meter
    }

    /// All that there are, by name.
    pub(super) fn all(&self) -> Vec<Arc<M>> {
        self.lock().values().cloned().collect()
    }

    // No panic leaves them half changed.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<M>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M> Default for ByName<M> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
