//! Where a request goes, and what it gets.
//!
//! A target gets the request with its path in canonical form (without the route's prefix) and its query as it came
//! (without a token), without headers about the client's connection, and with these headers, which nobody outside can set, in whatever spelling:
//!
//! | header | value |
//! |---|---|
//! | `X-Bulla-Subject`, `X-Bulla-Session`, `X-Bulla-Plan` | as the token says; the last two only if it does |
//! | `X-Bulla-Issuer` | claim `iss`, only of an issuer that is trusted beside our own: its subjects and sessions are not ours |
//! | `X-Bulla-Roles` | joined by `,` without spaces; perhaps empty |
//! | `X-Bulla-Scope` | joined by a space; perhaps empty |
//! | `X-Bulla-Anonymous` | `true` or `false` |
//! | `X-Bulla-Claim-…` | for the route's claims that the token has: a text as it is, anything else as JSON |
//! | `X-Forwarded-For`, `-Host`, `-Proto` | the client's address, the host and the scheme it asked for |
//! | `X-Forwarded-Prefix` | what the path has lost, if the route strips a prefix |
//! | `X-Request-Id` | the request's name, in the answer and in logs too |
//!
//! For nobody (a public route without a good token) there is no `X-Bulla-…` header at all. In their values, bytes that
//! are not printable ASCII, `%`, `,` in a role, and a space in a scope or at either end of a value are percent-encoded:
//! take the elements apart, then decode them.

mod service;
mod upstream;

pub(crate) use self::upstream::{InFlight, Roster, Server, ServerId};
pub use self::{
    service::InProcess,
    upstream::{
        Authorities, Balance, HealthCheck, InvalidAuthorities, InvalidHealthCheck, InvalidServer,
        InvalidUpstream, Protocol, Upstream, UpstreamOptions,
    },
};

pub use crate::forward_auth::AskingProxy;

/// Where a request goes.
#[derive(Debug, Clone)]
pub enum Target {
    /// To a service over the network.
    Upstream(Upstream),
    /// To a service in this process.
    Service(InProcess),
    /// Nowhere: it asks, for a listed proxy, whether another one may go on.
    ForwardAuth(AskingProxy),
}

impl Target {
    /// The one protocol that has a use for `TE: trailers`.
    pub(crate) fn is_asked_over_http2(&self) -> bool {
        matches!(self, Self::Upstream(upstream) if upstream.protocol() == Protocol::Http2)
    }
}
