//! A gateway, an upstream, a client and tokens for tests.

mod gateway;
mod http2_upstream;
mod patience;
mod scripted_http2;
pub(crate) mod tls;
mod tokens;
mod upstream;
mod wire;

pub(crate) use self::{
    gateway::{TestGateway, rules, service},
    http2_upstream::{Answering, Http2Upstream},
    patience::{eventually, within_patience},
    scripted_http2::{Act, ScriptedHttp2},
    tokens::{
        NOW, claims, foreign_claims, foreign_token, tampered_token, token, trusting_verifier,
    },
    upstream::{Nobody, TestUpstream},
    wire::{Answer, Wire},
};

use bulla_gateway::{
    route::{PathPattern, Route},
    target::{Target, Upstream, UpstreamOptions},
};
use bulla_guard::access::{Access, AccessPolicy};

/// A route for any host and method, without limits.
pub(crate) fn route(path: &str, access: Access, target: Target) -> Route {
    let path = PathPattern::parse(path).unwrap();
    Route::new(path, AccessPolicy::new(access), target)
}

/// An upstream as a target.
pub(crate) fn upstream(address: impl std::fmt::Display) -> Target {
    balanced(&[address.to_string()], &UpstreamOptions::default())
}

/// An upstream on several plain servers as a target.
pub(crate) fn balanced<T: std::fmt::Display>(addresses: &[T], options: &UpstreamOptions) -> Target {
    let servers: Vec<String> = addresses
        .iter()
        .map(|address| format!("http://{address}"))
        .collect();
    Target::Upstream(Upstream::parse("test", &servers, options).unwrap())
}

/// A gateway that sends everything to one upstream: `/public/…` from anybody, the rest from signed-in users.
pub(crate) async fn in_front_of(upstream_server: &TestUpstream) -> TestGateway {
    let target = upstream(upstream_server.address);
    TestGateway::start(vec![
        route("/public/{*rest}", Access::Public, target.clone()),
        route("/{*rest}", Access::Authenticated, target),
    ])
    .await
}
