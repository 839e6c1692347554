//! What a gateway is, whoever does its work.

use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::{
    forward::Connector,
    metrics::Metrics,
    settings::{AssembleGatewayError, GatewaySettings},
    target::Target,
};

/// What every public request passes. In this order:
///
/// 1. *(bans: dropped at accept, checked again for each request)*
/// 2. framing: what could be read in two ways is refused; what the client is, is told from the peer
/// 3. the canonical path, made once, matched **and** forwarded in that form
/// 4. the route: nothing matches → 404; another method → 405
/// 5. the credential
/// 6. *(the address limit)*
/// 7. verification and
/// 8. the access policy: [`bulla_guard::decision`]
/// 9. *(the quota)*
/// 10. what is not the client's to say is taken out, what the gateway knows is put in, and the request goes on
///
/// Steps in brackets have their place and do nothing yet. No step waits for a database or for the issuer.
///
/// Every answer has an `X-Request-Id`, which the target gets too; it is never taken over from the client.
pub struct Gateway {
    pub(crate) settings: GatewaySettings,
    pub(crate) connector: Connector,
    pub(crate) metrics: Metrics,
    pub(crate) closing: watch::Sender<bool>,
}

impl Gateway {
    /// Assembles a gateway and registers its counters.
    ///
    /// # Errors
    /// An upstream is reached over TLS, and the system's root certificates cannot be read.
    pub fn new(
        settings: GatewaySettings,
        registry: &mut Registry,
    ) -> Result<Self, AssembleGatewayError> {
        let routes = settings.routes.routes();
        let needs_tls = routes.iter().any(|route| match &route.target {
            Target::Upstream(upstream) => upstream.needs_tls(),
            Target::Service(_) => false,
        });
        Ok(Self {
            connector: Connector::new(&settings.timeouts, needs_tls)?,
            metrics: Metrics::register(registry, routes, &settings.verifier),
            closing: watch::Sender::new(false),
            settings,
        })
    }

    /// Ends the connections that no longer speak HTTP, which would otherwise outlast every drain.
    pub(crate) fn close_tunnels(&self) {
        self.closing.send_replace(true);
    }
}
