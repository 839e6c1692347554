//! The gateway from outside: raw bytes in, and an upstream that keeps exactly what reached it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up should fail where it stands"
)]

mod abuse;
mod access;
mod access_log;
mod cors;
mod credential;
mod drain;
mod forward_auth;
mod forwarding;
mod http2;
mod http2_faults;
mod http2_upstream;
mod in_process;
mod issuers;
mod limits;
mod metrics;
mod per_route;
mod proxy_protocol;
mod redirect;
mod refusals;
mod reload;
mod request_id;
mod route;
mod servers;
mod sightings;
mod spans;
mod streaming;
mod streams;
mod support;
mod timeouts;
mod tls;
mod tls_upstream;
mod trace_context;
mod websocket;
