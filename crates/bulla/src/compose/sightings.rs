//! What the gateway saw, on its way to the store.

use std::sync::Arc;

use bulla_core::{ids::SessionId, ports::Clock, session::Sighting};
use bulla_gateway::sighting::SightingSink;
use bulla_server::sightings::SightingBatcher;

/// Hands sightings to the issuer's batcher.
pub(super) struct ToStore {
    pub(super) sightings: Arc<SightingBatcher>,
    /// The store's.
    pub(super) clock: Arc<dyn Clock>,
}

/// For a gateway without an issuer: nobody wants to know.
pub(super) struct ToNobody;

impl SightingSink for ToStore {
    fn record(&self, session: &str, generation: u64) {
        // A session of another shape was not opened by this issuer.
        if let Ok(session) = SessionId::parse(session) {
            let seen_at = self.clock.now();
            self.sightings.record(Sighting {
                session,
                generation,
                seen_at,
            });
        }
    }
}

impl SightingSink for ToNobody {
    fn record(&self, _session: &str, _generation: u64) {}
}
