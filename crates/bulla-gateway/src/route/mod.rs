//! Which requests go where, and who may send them.

mod claim;
mod host;
mod methods;
mod pattern;
mod table;

use bulla_guard::access::AccessPolicy;

pub use self::{
    claim::{ForwardedClaim, InvalidForwardedClaim},
    host::{HostName, InvalidHostName},
    methods::{InvalidMethods, Methods},
    pattern::{InvalidPathPattern, PathPattern},
    table::{Found, RouteError, RouteIndex, RouteTable},
};
pub use crate::steps::canonical_path::{AmbiguousPath, canonicalize};
use crate::target::Target;

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
    /// Whether the target gets the `Authorization` header as it came.
    pub forward_token: bool,
}
