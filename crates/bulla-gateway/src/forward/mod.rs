//! Sending a request to an upstream.
//!
//! [`Forwarder`] is all that the gateway knows of connections: another pool can take its place behind the same call.

mod activity;
mod address;
mod connector;
mod early_answer;
mod error;
mod fate;
mod forwarder;
mod lease;
pub(crate) mod outgoing;
mod patience;
mod pool;
pub(crate) mod probe;
mod retry;
mod shared;
mod stream;
mod tether;
mod tls;
mod tunnel;

pub(crate) use self::{
    connector::Connector,
    error::ForwardError,
    forwarder::Forwarder,
    lease::Lease,
    tether::{Tether, Ties},
    tls::Tls,
};
