//! `[[upstream]]`

use std::time::Duration;

use crate::config::written::Written;

/// Servers that share one service: `[[upstream]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// `name`
    pub name: String,
    /// `servers`, as written: the gateway reads them.
    pub servers: Written<Vec<Written>>,
    /// `balance`; default: `round_robin`.
    pub balance: Balance,
    /// `protocol`; default: `http1`.
    pub protocol: Protocol,
    /// `ca`: a PEM file with the certificate authorities that `https` servers are checked against; `None`: the system's.
    pub ca: Option<Written>,
    /// `health`; `None`: the servers are not checked.
    pub health: Option<HealthCheck>,
}

/// Which server of an upstream is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// They take turns.
    RoundRobin,
    /// The one with the fewest requests in flight.
    LeastConnections,
}

/// What the servers of an upstream speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2: by prior knowledge without TLS, by ALPN with it.
    Http2,
}

/// What servers are asked to see how they do: `upstream.health`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// `path`, as written: the gateway reads it.
    pub path: Written,
    /// `interval`, at least 100 ms; default: 5 s.
    pub interval: Duration,
    /// `timeout`, at most the interval; default: 2 s.
    pub timeout: Duration,
}
