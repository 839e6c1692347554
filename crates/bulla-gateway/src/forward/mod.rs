//! Sending a request to an upstream.
//!
//! [`Forwarder`] is all that the gateway knows of connections: another pool can take its place behind the same call.

mod activity;
mod connector;
mod error;
mod forwarder;
pub(crate) mod outgoing;
mod patience;
mod pool;
pub(crate) mod probe;
mod retry;
mod tether;
mod tunnel;

pub(crate) use self::{
    connector::Connector,
    error::ForwardError,
    forwarder::Forwarder,
    pool::Lease,
    tether::{Tether, Ties},
};
