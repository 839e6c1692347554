//! What a gateway is, whoever does its work.

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwap;
use prometheus_client::registry::Registry;
use tokio::sync::{Mutex, watch};

use crate::{
    forward::{Connector, probe},
    limit::{Buckets, Seat, Seats},
    metrics::{
        AbuseCollector, LimitCollector, Metrics, TokenCacheCollector, UpstreamHealthCollector,
    },
    rules::{ActiveRules, Rules},
    settings::{AssembleGatewayError, GatewaySettings},
    steps::proxies_seen::{ProxiesSeen, ProxyWatch},
    target::Roster,
};

/// What every public request passes. In this order:
///
/// 1. bans: long ones are dropped at accept; those that spare nobody are refused here
/// 2. framing: what could be read in two ways is refused; what the client is, is told from the peer
/// 3. the canonical path, made once, matched **and** forwarded in that form
/// 4. the route: nothing matches → 404; another method → 405; a CORS preflight is answered
/// 5. the credential, in one of the route's places
/// 6. the address limit: charged to the session, if its token was verified before
/// 7. verification
/// 8. CSRF for cookies, and the access policy; 5 to 8 are [`admit`](crate::route::admit)
/// 9. the quota of the route's plan
/// 10. what is not the client's to say is taken out, what the gateway knows is put in, and the request goes on
///
/// At a [`Target::ForwardAuth`](crate::target::Target::ForwardAuth), 4 to 9 are done once more, for the request that a
/// listed proxy asks about; nothing goes on.
///
/// No step waits for a database or for the issuer.
///
/// Every answer has an `X-Request-Id`, which the target gets too; it is never taken over from the client.
pub struct Gateway {
    pub(crate) settings: GatewaySettings,
    pub(crate) connector: Connector,
    pub(crate) roster: Arc<Roster>,
    pub(crate) metrics: Metrics,
    pub(crate) closing: watch::Sender<bool>,
    pub(crate) buckets: Arc<Buckets>,
    seats: Arc<Seats>,
    rules: Arc<ArcSwap<ActiveRules>>,
    checking: Mutex<()>,
    pub(crate) watching: Mutex<()>,
    pub(crate) proxies: ProxyWatch,
}

impl Gateway {
    /// Assembles a gateway and registers its counters.
    ///
    /// # Errors
    /// An upstream is reached over TLS, and the system's root certificates cannot be read.
    pub fn new(
        settings: GatewaySettings,
        mut rules: Rules,
        registry: &mut Registry,
    ) -> Result<Self, AssembleGatewayError> {
        let connector = Connector::new(&settings.timeouts);
        connector.prepare(&rules)?;
        let roster = Arc::<Roster>::default();
        roster.adopt(&mut rules.routes);
        let registry = registry.sub_registry_with_prefix("bulla_gateway");
        let metrics = Metrics::register(registry);
        let rules = Arc::new(ArcSwap::from_pointee(ActiveRules::new(rules, &metrics)));
        registry.register_collector(Box::new(TokenCacheCollector(Arc::clone(&rules))));
        registry.register_collector(Box::new(UpstreamHealthCollector(Arc::clone(&roster))));
        registry.register_collector(Box::new(AbuseCollector {
            meter: Arc::clone(&metrics.abuse),
            ledger: Arc::clone(&settings.abuse),
            clock: Arc::clone(&settings.clock),
        }));
        let (buckets, seats) = (Arc::<Buckets>::default(), Arc::<Seats>::default());
        registry.register_collector(Box::new(LimitCollector {
            buckets: Arc::clone(&buckets),
            seats: Arc::clone(&seats),
        }));
        let proxies = ProxyWatch::default();
        proxies.register(registry);
        Ok(Self {
            connector,
            roster,
            metrics,
            buckets,
            seats,
            closing: watch::Sender::new(false),
            rules,
            checking: Mutex::new(()),
            watching: Mutex::new(()),
            proxies,
            settings,
        })
    }

    /// Puts these rules in force for every request that comes from now on. Requests in flight end by those they came
    /// under. An upstream's server that is in both keeps its connections, and what is known of its health.
    ///
    /// # Errors
    /// As in [`new`](Self::new); then the rules before stay in force.
    pub fn replace_rules(&self, mut rules: Rules) -> Result<(), AssembleGatewayError> {
        self.connector.prepare(&rules)?;
        self.roster.adopt(&mut rules.routes);
        let active = ActiveRules::new(rules, &self.metrics);
        let before = self.rules.swap(Arc::new(active));
        if before.rules.trusted_proxies != self.rules.load().rules.trusted_proxies {
            self.proxies.begin_anew();
        }
        Ok(())
    }

    /// Peers that look as if the listed proxies were not those that are in front.
    #[must_use]
    pub fn proxies_seen(&self) -> ProxiesSeen {
        self.proxies.seen()
    }

    /// The rules in force.
    pub(crate) fn rules(&self) -> Arc<ActiveRules> {
        self.rules.load_full()
    }

    /// A seat for a connection from this address; `None`: it has as many as it may.
    pub(crate) fn seat(&self, peer: IpAddr) -> Option<Seat> {
        match self.rules.load().rules.limits.connections {
            Some(most) if !self.settings.abuse.spares(peer) => self.seats.take(peer, most),
            _ => Some(Seat::FREE),
        }
    }

    /// Checks the upstreams' servers as long as it is polled. Of several calls, one does it.
    pub(crate) async fn check_servers(self: Arc<Self>) {
        let _turn = self.checking.lock().await;
        probe::watch(&self.roster, &self.connector).await;
    }

    /// Ends the connections that no longer speak HTTP, which would otherwise outlast every drain.
    pub(crate) fn close_tunnels(&self) {
        self.closing.send_replace(true);
    }
}
