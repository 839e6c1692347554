//! A server of an upstream.

use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use http::{
    HeaderValue, Uri,
    uri::{Authority, Scheme},
};
use tokio::time::Instant;

use super::{Authorities, HealthCheck, Protocol, UpstreamOptions, health::Health};
use crate::forward::Tls;

/// A server, and how it does. Over a change of the routes it stays [the same](Self::is_same) one, as long as nothing that
/// was said of it changes.
#[derive(Debug)]
pub(crate) struct Server {
    /// No other server of this process ever has it.
    pub(crate) id: ServerId,
    /// The name of the upstream it belongs to.
    pub(crate) upstream: String,
    pub(crate) address: ServerAddress,
    /// Its own host, as `Host` has it.
    pub(crate) host: HeaderValue,
    pub(crate) protocol: Protocol,
    pub(crate) health: Health,
    pub(crate) check: Option<HealthCheck>,
    pub(crate) authorities: Option<Authorities>,
    /// Set before it is used, if it is reached over TLS.
    pub(crate) tls: OnceLock<Tls>,
    in_flight: AtomicUsize,
}

/// Tells servers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ServerId(u64);

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
}

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Server>);

impl Server {
    pub(super) fn new(upstream: &str, address: ServerAddress, options: &UpstreamOptions) -> Self {
        Self {
            id: ServerId::next(),
            upstream: upstream.to_owned(),
            host: address.host(),
            address,
            protocol: options.protocol,
            health: Health::new(Instant::now()),
            check: options.health.clone(),
            authorities: options.authorities.clone(),
            tls: OnceLock::new(),
            in_flight: AtomicUsize::new(0),
        }
    }

    /// Whether the other is this server, described anew.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.upstream == other.upstream
            && self.address == other.address
            && self.protocol == other.protocol
            && self.check == other.check
            && self.authorities == other.authorities
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// It answered a request.
    pub(crate) fn note_answer(&self) {
        if self.health.note_answer() {
            self.log_back();
        }
    }

    /// It could not be reached, or broke off.
    pub(crate) fn note_failure(&self) {
        if self.health.note_failure(Instant::now()) {
            self.log_left_out("it failed several times in a row");
        }
    }

    /// It passed its health check, or failed it for this reason.
    pub(crate) fn note_check(&self, passed: Result<(), String>) {
        match passed {
            Ok(()) if self.health.note_check_passed() => self.log_back(),
            Err(reason) if self.health.note_check_failed() => self.log_left_out(&reason),
            Ok(()) | Err(_) => {}
        }
    }

    fn log_left_out(&self, reason: &str) {
        let (upstream, server) = (self.upstream.as_str(), &self.address);
        tracing::warn!(upstream, %server, reason, "a server is left out");
    }

    fn log_back(&self) {
        let (upstream, server) = (self.upstream.as_str(), &self.address);
        tracing::info!(upstream, %server, "a server is back");
    }
}

impl ServerId {
    fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl InFlight {
    pub(super) fn on(server: &Arc<Server>) -> Self {
        server.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(server))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ServerAddress {
    pub(super) fn parse(url: &str) -> Result<Self, InvalidServer> {
        let refused = || InvalidServer(url.to_owned());
        let parts = url.parse::<Uri>().map_err(|_| refused())?.into_parts();
        let scheme = parts
            .scheme
            .filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
        let rest = parts
            .path_and_query
            .map_or_else(String::new, |rest| rest.as_str().to_owned());
        let authority = parts.authority.filter(|authority| {
            let host_and_port = authority.as_str();
            !host_and_port.contains('@')
                && (authority.port_u16().is_some() || host_and_port == authority.host())
                && !authority.host().is_empty()
        });
        match (scheme, authority) {
            (Some(scheme), Some(authority)) if rest.is_empty() || rest == "/" => {
                Ok(Self { scheme, authority })
            }
            _ => Err(refused()),
        }
    }

    fn host(&self) -> HeaderValue {
        // An authority has no character that a header could not have.
        HeaderValue::from_str(self.authority.as_str()).unwrap_or(HeaderValue::from_static(""))
    }

    /// Whether it is reached over TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme, self.authority)
    }
}

/// A server's URL has another scheme, a user, a path or a query, or is no URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a server's URL such as http://127.0.0.1:3000 (no path, no user)")]
pub struct InvalidServer(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_server() {
        for url in [
            "localhost:3000",
            "/a",
            "ftp://a",
            "http://",
            "http://u@a",
            "http://a:",
            "http://a:99999",
            "http://a/b",
            "http://a?b",
            "",
        ] {
            let refused = ServerAddress::parse(url).unwrap_err();
            assert_eq!(refused, InvalidServer(url.to_owned()));
        }
        for (url, tls) in [("http://a:1", false), ("https://b/", true)] {
            assert_eq!(ServerAddress::parse(url).unwrap().is_tls(), tls, "{url}");
        }
    }
}
