//! Which requests go where, and who may send them.

mod added_header;
mod claim;
mod credential;
mod host;
mod limit;
mod methods;
mod pattern;
mod prefix;
mod site;
mod table;
mod web_origin;

use std::{sync::Arc, time::Duration};

use bulla_guard::{access::AccessPolicy, decision::Accepted};

pub use self::{
    added_header::{AddedHeader, InvalidAddedHeader},
    claim::{ForwardedClaim, InvalidForwardedClaim},
    credential::{CredentialPlace, CredentialPlaces, InvalidCredentialPlace},
    host::{HostName, InvalidHostName},
    limit::RouteLimit,
    methods::{InvalidMethods, Methods},
    pattern::{InvalidPathPattern, PathPattern},
    prefix::{InvalidPathPrefix, PathPrefix},
    site::Site,
    table::{Found, PathMethods, RouteError, RouteIndex, RouteTable},
    web_origin::{InvalidWebOrigin, WebOrigin},
};
pub use crate::steps::{
    admission::admit,
    canonical_path::{AmbiguousPath, canonicalize},
    cors::{Preflight, preflight},
};
use crate::target::Target;

/// What ends a WebSocket, or an answer of unknown length or more than 64 KiB, while it is under way. A request without a
/// token is not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Streams {
    /// That its token is revoked: by itself, or with its session, subject, client or key.
    #[default]
    UntilRevoked,
    /// That, and that its token has expired.
    UntilExpired,
    /// Nothing: who may begin may go on.
    Keep,
}

/// One rule: these requests, from these principals, go there.
#[derive(Debug, Clone)]
pub struct Route {
    /// The host asked for, without a port; `None`: any.
    pub host: Option<HostName>,
    /// The paths.
    pub path: PathPattern,
    /// The methods. A path that a route has, under a method that none of its routes has, is answered 405.
    pub methods: Methods,
    /// Who may pass.
    pub policy: AccessPolicy,
    /// Where the request goes.
    pub target: Target,
    /// Bytes a request's body may have; `None`: no limit. Bodies stream, whatever the limit.
    pub body_limit: Option<u64>,
    /// Claims of the token that the target gets as `X-Bulla-Claim-…`.
    pub forward_claims: Vec<ForwardedClaim>,
    /// Whether the target gets the `Authorization` header as it came. A token in one of the other places never reaches it.
    pub forward_token: bool,
    /// Where a token may be.
    pub credential: CredentialPlaces,
    /// The origins whose pages may send requests with a cookie and read the answers; empty: the gateway's own may send
    /// them, and who may read what is the target's to say.
    pub cors: Vec<WebOrigin>,
    /// What the path loses on its way; the target gets it as `X-Forwarded-Prefix`. The path that is matched keeps it.
    pub strip_prefix: Option<PathPrefix>,
    /// Headers for the target.
    pub request_headers: Arc<[AddedHeader]>,
    /// Headers for the client, in every answer on this route.
    pub response_headers: Vec<AddedHeader>,
    /// Instead of [`Timeouts::response`](crate::Timeouts::response).
    pub response_timeout: Option<Duration>,
    /// Instead of [`Timeouts::tunnel`](crate::Timeouts::tunnel).
    pub tunnel_timeout: Option<Duration>,
    /// How often requests may pass. An answer then says how much is left.
    pub limit: RouteLimit,
    /// What ends an answer that streams, or a WebSocket, besides its two sides.
    pub streams: Streams,
}

impl Route {
    /// A route for every host and method, that takes tokens from header and cookie, and changes nothing else.
    #[must_use]
    pub fn new(path: PathPattern, policy: AccessPolicy, target: Target) -> Self {
        Self {
            host: None,
            path,
            methods: Methods::all(),
            policy,
            target,
            body_limit: None,
            forward_claims: Vec::new(),
            forward_token: true,
            credential: CredentialPlaces::default(),
            cors: Vec::new(),
            strip_prefix: None,
            request_headers: Arc::default(),
            response_headers: Vec::new(),
            response_timeout: None,
            tunnel_timeout: None,
            limit: RouteLimit::default(),
            streams: Streams::default(),
        }
    }
}

impl Route {
    /// A service in this process takes a subject for one of our accounts, so another issuer's tokens count as none there.
    pub(crate) const fn accepted(&self) -> Accepted {
        match self.target {
            Target::Service(_) => Accepted::OwnIssuer,
            Target::Upstream(_) | Target::ForwardAuth(_) => Accepted::EveryIssuer,
        }
    }
}
