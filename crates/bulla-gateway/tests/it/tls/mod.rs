//! HTTP over TLS.

mod certificate;
mod handshake;
mod hsts;
mod protocol;

use bulla_guard::access::Access;

use crate::support::{TestGateway, TestUpstream, route, rules, tls, upstream};

const GET: &str = "GET /public/a HTTP/1.1\r\nHost: api.example\r\n\r\n";

/// A gateway over TLS in front of an upstream: `/public/…` from anybody, the rest from signed-in users.
async fn in_front_of(server: &TestUpstream) -> TestGateway {
    let target = upstream(server.address);
    let routes = vec![
        route("/public/{*rest}", Access::Public, target.clone()),
        route("/{*rest}", Access::Authenticated, target),
    ];
    TestGateway::start_behind(tls::FIRST.entrance(), rules(routes), |_| {}).await
}
