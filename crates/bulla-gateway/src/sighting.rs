//! Where the gateway reports the access tokens it accepted.

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
