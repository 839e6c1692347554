//! Services over the network.

mod authorities;
mod health;
mod health_check;
mod retry_budget;
mod roster;
mod server;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::time::Instant;

pub use self::{
    authorities::{Authorities, InvalidAuthorities},
    health_check::{HealthCheck, InvalidHealthCheck},
    server::InvalidServer,
};
use self::{
    health::{Standing, Trial},
    retry_budget::RetryBudget,
};
pub(crate) use self::{
    roster::Roster,
    server::{InFlight, Server, ServerAddress, ServerId},
};

/// A service over the network, on one server or several. Clones are the same upstream.
///
/// An `http` server gets the `Host` that the client asked for; an `https` one its own, by which its certificate and its
/// virtual hosts go. `X-Forwarded-Host` has the client's in either case.
///
/// A server that failed three times in a row is left out, for a second at first and longer each time; then one request
/// tries it. With a [`HealthCheck`], so is one that failed it twice in a row, until it passes. If all are left out, all
/// are asked as if none were.
#[derive(Debug, Clone)]
pub struct Upstream(Arc<Shared>);

/// How an upstream's requests are spread and its servers watched.
#[derive(Debug, Clone, Default)]
pub struct UpstreamOptions {
    /// Who is asked next.
    pub balance: Balance,
    /// What its servers speak.
    pub protocol: Protocol,
    /// Whom the certificates of `https` servers are checked against; `None`: whom the system trusts.
    pub authorities: Option<Authorities>,
    /// Asked of each server now and then; `None`: what requests find out is all that is known.
    pub health: Option<HealthCheck>,
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// HTTP/1.1: a connection for each request that is under way. WebSockets pass.
    #[default]
    Http1,
    /// HTTP/2, by prior knowledge without TLS and by ALPN with it: requests share connections. gRPC passes.
    Http2,
}

/// Which server is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Balance {
    /// They take turns.
    #[default]
    RoundRobin,
    /// The one with the fewest requests in flight, counted over all threads; they take turns among equals.
    LeastConnections,
}

#[derive(Debug)]
struct Shared {
    name: String,
    balance: Balance,
    servers: Vec<Arc<Server>>,
    turn: AtomicUsize,
    retries: RetryBudget,
}

impl Upstream {
    /// An upstream on these servers, each `http://host[:port]` or `https://host[:port]`. The name is for logs and
    /// metrics.
    ///
    /// # Errors
    /// There is no server, one of them is not such a URL, or one is named twice.
    pub fn parse<T: AsRef<str>>(
        name: &str,
        servers: &[T],
        options: &UpstreamOptions,
    ) -> Result<Self, InvalidUpstream> {
        let mut addresses: Vec<ServerAddress> = Vec::with_capacity(servers.len());
        for server in servers {
            let address = ServerAddress::parse(server.as_ref())?;
            if addresses.contains(&address) {
                return Err(InvalidUpstream::ServerTwice(address.to_string()));
            }
            addresses.push(address);
        }
        if addresses.is_empty() {
            return Err(InvalidUpstream::NoServer);
        }
        if options.authorities.is_some() && !addresses.iter().any(ServerAddress::is_tls) {
            return Err(InvalidUpstream::NothingToCheck);
        }
        let server = |address| Arc::new(Server::new(name, address, options));
        Ok(Self::on(
            name,
            options.balance,
            addresses.into_iter().map(server).collect(),
        ))
    }

    fn on(name: &str, balance: Balance, servers: Vec<Arc<Server>>) -> Self {
        Self(Arc::new(Shared {
            name: name.to_owned(),
            balance,
            servers,
            turn: AtomicUsize::new(0),
            retries: RetryBudget::full(),
        }))
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn protocol(&self) -> Protocol {
        // All have the same.
        self.0.servers[0].protocol
    }

    pub(crate) fn servers(&self) -> &[Arc<Server>] {
        &self.0.servers
    }

    /// The server that a request goes to.
    pub(crate) fn first_server(&self) -> Chosen<'_> {
        self.0.retries.note_request();
        // There is at least one.
        self.pick(&[])
            .unwrap_or(Chosen::without_trial(&self.0.servers[0]))
    }

    /// Another server for a request that failed on these; `None` if there is none, or too many requests failed lately.
    pub(crate) fn another_server(&self, tried: &[ServerId]) -> Option<Chosen<'_>> {
        if tried.len() >= self.0.servers.len() || !self.0.retries.withdraw() {
            return None;
        }
        self.pick(tried)
    }

    /// Counts the request as in flight on its server until the value is dropped, where that matters.
    pub(crate) fn in_flight(&self, server: &Arc<Server>) -> Option<InFlight> {
        (self.0.balance == Balance::LeastConnections && self.0.servers.len() > 1)
            .then(|| InFlight::on(server))
    }

    fn pick(&self, tried: &[ServerId]) -> Option<Chosen<'_>> {
        let servers = &self.0.servers;
        if let [only] = servers.as_slice() {
            return tried.is_empty().then_some(Chosen::without_trial(only));
        }
        // A second try takes nobody's turn, or the server after a broken one would never be the first.
        let turn = match tried {
            [] => self.0.turn.fetch_add(1, Ordering::Relaxed),
            _ => self.0.turn.load(Ordering::Relaxed),
        };
        let in_turn =
            (0..servers.len()).map(|step| &servers[turn.wrapping_add(step) % servers.len()]);
        let untried = in_turn.filter(|server| !tried.contains(&server.id));
        let standings = untried
            .clone()
            .map(|server| (server, server.health.standing(Instant::now)));
        for (server, standing) in standings.clone() {
            if standing == Standing::Due
                && let Some(trial) = server.health.claim_trial(Instant::now())
            {
                let trial = Some(trial);
                return Some(Chosen { server, trial });
            }
        }
        let good = standings.filter(|(_, standing)| *standing == Standing::In);
        self.preferred(good.map(|(server, _)| server))
            .or_else(|| self.preferred(untried))
            .map(Chosen::without_trial)
    }

    fn preferred<'servers>(
        &self,
        mut servers: impl Iterator<Item = &'servers Arc<Server>>,
    ) -> Option<&'servers Arc<Server>> {
        match self.0.balance {
            Balance::RoundRobin => servers.next(),
            Balance::LeastConnections => servers.min_by_key(|server| server.in_flight()),
        }
    }
}

/// A server that a request goes to.
#[derive(Debug)]
pub(crate) struct Chosen<'upstream> {
    pub(crate) server: &'upstream Arc<Server>,
    trial: Option<Trial>,
}

impl<'upstream> Chosen<'upstream> {
    const fn without_trial(server: &'upstream Arc<Server>) -> Self {
        Self {
            server,
            trial: None,
        }
    }

    /// Nothing of the request is kept from it any more.
    pub(crate) fn has_the_request(&mut self) {
        if let Some(trial) = self.trial.take() {
            self.server.health.begin_trial(trial, Instant::now());
        }
    }

    /// It could not be reached, or broke off.
    pub(crate) fn has_failed(&mut self) {
        self.has_the_request();
        self.server.note_failure();
    }
}

/// An upstream that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUpstream {
    /// It has no server.
    #[error("an upstream needs at least one server")]
    NoServer,
    /// One of its servers is none.
    #[error(transparent)]
    Server(#[from] InvalidServer),
    /// It has certificate authorities, and no server that has a certificate.
    #[error("no server is `https`, so none has a certificate to be checked")]
    NothingToCheck,
    /// A server is named twice.
    #[error("`{0}` is named twice")]
    ServerTwice(String),
}

#[cfg(test)]
mod tests;
