//! What the gateway saw, on its way to the store.

use bulla_core::{ids::SessionId, ports::Clock as _, session::Sighting};
use bulla_gateway::sighting::SightingSink;
use bulla_server::{issuer::SystemClock, sightings::SightingBatcher};

/// Hands sightings to the issuer's batcher.
pub(super) struct ToStore(pub(super) std::sync::Arc<SightingBatcher>);

/// For a gateway without an issuer: nobody wants to know.
pub(super) struct ToNobody;

impl SightingSink for ToStore {
    fn record(&self, session: &str, generation: u64) {
        // A session of another shape was not opened by this issuer.
        if let Ok(session) = SessionId::parse(session) {
            let seen_at = SystemClock.now();
            self.0.record(Sighting {
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
