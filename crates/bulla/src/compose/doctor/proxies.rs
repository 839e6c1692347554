//! The proxies in front, as the gateway of a running server sees them.

use std::net::IpAddr;

use bulla_gateway::ProxiesSeen;
use bulla_server::doctor::{Area, Check, Code, Finding};

/// Whether the listed proxies are those that are in front.
pub(super) fn proxies(seen: &ProxiesSeen) -> Check {
    let mut findings = Vec::new();
    let mut find = |code, peers: &[IpAddr], what: &str| {
        if !peers.is_empty() {
            let peers: Vec<_> = peers.iter().map(ToString::to_string).collect();
            findings.push(Finding::new(code, format!("{} {what}", peers.join(", "))));
        }
    };
    let unlisted = "sends all requests, names other clients in them, and is not listed";
    find(Code::ProxyUnlisted, &seen.unlisted, unlisted);
    let silent = "is listed, and names no client in X-Forwarded-For";
    find(Code::ProxySilent, &seen.silent, silent);
    Check::at_once(Area::Proxies, "requests so far", findings)
}
