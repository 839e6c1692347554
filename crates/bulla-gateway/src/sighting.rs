//! Where the gateway reports the access tokens it accepted.

use bulla_guard::verified::Verified;

use crate::Gateway;

/// Takes note that a session's access token was seen in use.
///
/// The issuer settles a generation of refresh tokens by it: a client that uses an access token has the refresh token
/// that came with it.
pub trait SightingSink: Send + Sync + 'static {
    /// A token of this session (claim `sid`) and generation (claim `gen`) was accepted. Called on the request path, for
    /// the first use of a token and then at most once in every
    /// [`sighting_interval`](crate::GatewaySettings::sighting_interval): it must never block, and may drop what it cannot
    /// take.
    fn record(&self, session: &str, generation: u64);
}

impl Gateway {
    /// Reports the use of a token of one of our sessions, if it is time to.
    pub(crate) fn report(&self, principal: &Verified, now: u64) {
        let settings = &self.settings;
        if let (Some(session), Some(generation)) = (&principal.session, principal.generation)
            && principal.is_own()
            && principal.sighting_due(now, settings.sighting_interval)
        {
            settings.sightings.record(session, generation);
        }
    }
}
