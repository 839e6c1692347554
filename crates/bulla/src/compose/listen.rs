//! Ports: bound before any file is made, so that a start that is refused leaves nothing behind.

use std::{io, net::SocketAddr};

use anyhow::Context;
use bulla_server::config::values::HttpOrigin;
use tokio::net::TcpListener;

/// Binds the address that a key of the configuration (or a flag) names.
///
/// # Errors
/// The address cannot be had; the message names it, and what to change.
pub(super) async fn bind(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => "the port is in use".to_owned(),
            _ => error.to_string(),
        };
        anyhow::anyhow!("cannot listen on {address}: {reason}; choose another address ({key})")
    })
}

/// Says at every start that others can reach the address that this key names, and that nothing encrypts what they send.
pub(super) fn warn_if_exposed(key: &'static str, address: SocketAddr, remedy: &'static str) {
    if !address.ip().is_loopback() {
        tracing::warn!(
            key,
            %address,
            "not encrypted: passwords and tokens can be read on the way; {remedy}, or listen on 127.0.0.1"
        );
    }
}

/// What makes the public listener safe.
pub(super) const PROXY: &str =
    "set [tls], or put a proxy with TLS in front and list it in trusted_proxies";
/// What makes the administrators' listener safe: no list of proxies is asked there.
pub(super) const TUNNEL: &str = "reach it through a tunnel or a proxy with TLS on this machine";

/// Where a listener listens, as a URL; `tls`: whether it is encrypted.
///
/// # Errors
/// The system does not say.
pub(super) fn url(listener: &TcpListener, tls: bool) -> anyhow::Result<String> {
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    Ok(HttpOrigin::at(address, tls).to_string())
}
