//! What comes before HTTP.

use std::{io, net::IpAddr, sync::Arc};

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{first_bytes::Protocol, proxy_protocol, write_deadline::WriteDeadline};
use crate::{
    Gateway,
    limit::Seat,
    steps::client::{self, Peer},
    tls::{self, Tls},
};

/// What a connection passes before it speaks HTTP. By default nothing: it is not encrypted.
#[derive(Clone, Default)]
pub struct Entrance {
    /// Encrypts it.
    pub tls: Option<Arc<Tls>>,
    /// Whether trusted proxies say by the PROXY protocol, before anything else, who connected. They have to, then, and
    /// nobody else is let in.
    pub proxy_protocol: bool,
}

/// A connection that has come in.
pub(super) struct Entered {
    pub(super) stream: Stream,
    pub(super) peer: Peer,
    /// What was agreed on in a TLS handshake.
    pub(super) protocol: Option<Protocol>,
    /// Of the client that a proxy named before anything else: its connection is this one.
    pub(super) seat: Seat,
}

/// What a connection is read from.
pub(super) enum Stream {
    Plain(WriteDeadline<TcpStream>),
    /// Boxed, so that a plain connection does not take its space.
    Secure(Box<TlsStream<WriteDeadline<TcpStream>>>),
}

impl Entrance {
    /// Lets a connection in.
    pub(super) async fn pass(
        &self,
        mut stream: TcpStream,
        peer: IpAddr,
        gateway: &Gateway,
    ) -> io::Result<Entered> {
        stream.set_nodelay(true)?;
        let (address, seat) = if self.proxy_protocol {
            let client = told_by(&mut stream, peer, gateway).await?;
            if gateway.drops(client) {
                return Err(io::Error::other("the client is banned"));
            }
            let seat = gateway.seat(client);
            let full = || io::Error::other("the client has as many connections as it may");
            (client, seat.ok_or_else(full)?)
        } else {
            (peer, Seat::FREE)
        };
        let peer = |secure| Peer::new(address, secure);
        let stream = WriteDeadline::new(stream, gateway.settings.timeouts.write);
        let Some(tls) = &self.tls else {
            return Ok(Entered {
                stream: Stream::Plain(stream),
                peer: peer(false),
                protocol: None,
                seat,
            });
        };
        let stream = tls.acceptor.accept(stream).await?;
        // Who asks for nothing gets HTTP/1.1.
        let protocol = match stream.get_ref().1.alpn_protocol() {
            Some(tls::HTTP2) => Protocol::Http2,
            _ => Protocol::Http1,
        };
        Ok(Entered {
            stream: Stream::Secure(Box::new(stream)),
            peer: peer(true),
            protocol: Some(protocol),
            seat,
        })
    }
}

/// Who connected, by what a trusted proxy says; the proxy itself, if that is nobody.
async fn told_by(stream: &mut TcpStream, proxy: IpAddr, gateway: &Gateway) -> io::Result<IpAddr> {
    let rules = gateway.rules();
    let trusted = &rules.rules.trusted_proxies;
    if !client::is_trusted(proxy, trusted) {
        return Err(io::Error::other("who connected is no trusted proxy"));
    }
    let client = proxy_protocol::read(stream).await;
    Ok(client.map_err(io::Error::other)?.unwrap_or(proxy))
}
