//! Services over the network.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::{
    Uri,
    uri::{Authority, Scheme},
};

/// A service over the network, on one server or several that take turns. Clones share whose turn it is.
///
/// An `http` server gets the `Host` that the client asked for; an `https` one its own, by which its certificate and its
/// virtual hosts go. `X-Forwarded-Host` has the client's in either case.
#[derive(Debug, Clone)]
pub struct Upstream(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    name: String,
    servers: Vec<Server>,
    turn: AtomicUsize,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Server {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
}

impl Upstream {
    /// An upstream on these servers, each `http://host[:port]` or `https://host[:port]`. The name is for logs and
    /// metrics.
    ///
    /// # Errors
    /// There is no server, or one of them is not such a URL.
    pub fn parse<T: AsRef<str>>(name: &str, servers: &[T]) -> Result<Self, InvalidUpstream> {
        if servers.is_empty() {
            return Err(InvalidUpstream::NoServer);
        }
        let servers = servers
            .iter()
            .map(|server| Server::parse(server.as_ref()))
            .collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Shared {
            name: name.to_owned(),
            servers,
            turn: AtomicUsize::new(0),
        })))
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether a server is reached over TLS.
    pub(crate) fn needs_tls(&self) -> bool {
        self.0
            .servers
            .iter()
            .any(|server| server.scheme == Scheme::HTTPS)
    }

    /// The server whose turn it is.
    pub(crate) fn next_server(&self) -> &Server {
        let turn = if self.0.servers.len() == 1 {
            0
        } else {
            self.0.turn.fetch_add(1, Ordering::Relaxed)
        };
        &self.0.servers[turn % self.0.servers.len()]
    }
}

impl Server {
    fn parse(url: &str) -> Result<Self, InvalidUpstream> {
        let refused = || InvalidUpstream::Server(url.to_owned());
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
}

/// An upstream that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUpstream {
    /// It has no server.
    #[error("an upstream needs at least one server")]
    NoServer,
    /// A server's URL has another scheme, a user, a path or a query, or is no URL.
    #[error("`{0}` is not a server's URL such as http://127.0.0.1:3000 (no path, no user)")]
    Server(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_take_turns() {
        let upstream = Upstream::parse("api", &["http://a:1", "https://b/"]).unwrap();
        let turns: Vec<&str> = (0..4)
            .map(|_| upstream.next_server().authority.as_str())
            .collect();
        assert_eq!(turns, ["a:1", "b", "a:1", "b"]);
        assert!(upstream.needs_tls());
    }

    #[test]
    fn refuses_what_is_no_server() {
        assert_eq!(
            Upstream::parse::<&str>("api", &[]).unwrap_err(),
            InvalidUpstream::NoServer
        );
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
            let refused = Upstream::parse("api", &[url]).unwrap_err();
            assert_eq!(refused, InvalidUpstream::Server(url.to_owned()));
        }
    }
}
