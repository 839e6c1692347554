//! An upstream that would be this process: each request would come back as another one, until nothing is left.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use anyhow::Context;
use bulla_server::config::{Config, values::HttpOrigin};
use http::uri::Authority;
use tokio::net::TcpListener;

/// Refuses servers that are one of these listeners, as far as their addresses say so: names other than `localhost` are
/// not looked up.
///
/// # Errors
/// One of them is; the message names it.
pub(super) fn refuse<'server>(
    servers: impl IntoIterator<Item = &'server HttpOrigin>,
    listeners: &[SocketAddr],
) -> anyhow::Result<()> {
    for server in servers {
        if let Some(own) = listeners.iter().find(|own| leads_to(server, **own)) {
            anyhow::bail!(
                "the upstream {} is Bulla itself, which listens on {own}: requests would go round in circles; name \
                 the API's own address",
                server.as_str()
            );
        }
    }
    Ok(())
}

/// Where these listen.
///
/// # Errors
/// The system does not say.
pub(super) fn of<'listener>(
    listeners: impl IntoIterator<Item = &'listener TcpListener>,
) -> anyhow::Result<Vec<SocketAddr>> {
    let addresses = listeners.into_iter().map(TcpListener::local_addr);
    let addresses: io::Result<_> = addresses.collect();
    addresses.context("a listener has no address")
}

/// The servers that a configuration names. What is none is reported with the routes.
pub(super) fn servers(config: &Config) -> Vec<HttpOrigin> {
    let written = config.upstreams.iter().flat_map(|one| &one.servers.value);
    let listed = written.filter_map(|server| server.value.parse().ok());
    listed.chain(config.upstream.clone()).collect()
}

fn leads_to(server: &HttpOrigin, own: SocketAddr) -> bool {
    let Ok(authority) = server.authority().parse::<Authority>() else {
        return false;
    };
    let usual = if server.is_https() { 443 } else { 80 };
    authority.port_u16().unwrap_or(usual) == own.port()
        && addresses(authority.host())
            .into_iter()
            .any(|address| is_at(own.ip(), address))
}

/// The addresses of a host, as far as it can be told without asking anybody.
fn addresses(host: &str) -> Vec<IpAddr> {
    let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    if host.eq_ignore_ascii_case("localhost") {
        return loopback.to_vec();
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>().map(|address| address.to_canonical()) {
        // Whoever connects to "any" address reaches the loopback one.
        Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) => vec![loopback[0]],
        Ok(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => loopback.to_vec(),
        Ok(address) => vec![address],
        Err(_) => Vec::new(),
    }
}

/// Whether who listens at `own` is reached at `address`.
fn is_at(own: IpAddr, address: IpAddr) -> bool {
    match own.to_canonical() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address == Ipv4Addr::LOCALHOST,
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.is_loopback(),
        own => own == address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(server: &str, own: &str, expected: bool) {
        let server_url: HttpOrigin = server.parse().unwrap();
        let leads = leads_to(&server_url, own.parse().unwrap());
        assert_eq!(leads, expected, "{server} {own}");
    }

    #[test]
    fn its_own_address_in_every_spelling() {
        check("http://127.0.0.1:8080", "127.0.0.1:8080", true);
        check("http://localhost:8080", "127.0.0.1:8080", true);
        check("http://LOCALHOST:8080", "[::1]:8080", true);
        check("http://[::1]:8080", "[::1]:8080", true);
        check("http://localhost:8080", "0.0.0.0:8080", true);
        check("http://127.0.0.1:8080", "0.0.0.0:8080", true);
        check("http://127.0.0.1:8080", "[::]:8080", true);
        check("http://0.0.0.0:8080", "127.0.0.1:8080", true);
        check("http://[::ffff:127.0.0.1]:8080", "127.0.0.1:8080", true);
        check("http://127.0.0.1", "127.0.0.1:80", true);
        check("https://localhost", "[::]:443", true);
    }

    #[test]
    fn another_port_or_machine_is_another_service() {
        check("http://127.0.0.1:3000", "127.0.0.1:8080", false);
        check("http://192.0.2.1:8080", "127.0.0.1:8080", false);
        check("http://127.0.0.2:8080", "127.0.0.1:8080", false);
        check("http://[::1]:8080", "127.0.0.1:8080", false);
        check("http://api.example:8080", "0.0.0.0:8080", false);
        check("http://localhost", "127.0.0.1:8080", false);
    }
}
