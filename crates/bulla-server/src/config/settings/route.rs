//! `[[route]]`

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::config::{
    problem::Origin,
    written::{Hidden, Written},
};

/// A path in front of an upstream: `[[route]]`. What is [`Written`] is for the gateway to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `host`; `None`: any.
    pub host: Option<Written>,
    /// `path`
    pub path: Written,
    /// `methods`; `None`: all.
    pub methods: Option<Written<Vec<Written>>>,
    /// `upstream`: the name of one that is configured.
    pub upstream: String,
    /// `access`; default: `authenticated`.
    pub access: RouteAccess,
    /// `body_limit` in bytes; `None`: any size.
    pub body_limit: Option<u64>,
    /// `forward_claims`: these go upstream as `X-Bulla-Claim-…`.
    pub forward_claims: Vec<Written>,
    /// `forward_token`: whether the upstream sees `Authorization`; default: yes.
    pub forward_token: bool,
    /// `credential`: where a token may be; `None`: header and cookie.
    pub credential: Option<Written<Vec<Written>>>,
    /// `cors`: the origins whose pages may send cookies and read answers.
    pub cors: Vec<Written>,
    /// `strip_prefix`: what the upstream's paths do not have.
    pub strip_prefix: Option<Written>,
    /// `request_headers`: for the upstream; names and values.
    pub request_headers: Vec<(String, Written<Hidden>)>,
    /// `response_headers`: for the client; names and values.
    pub response_headers: Vec<(String, Written<Hidden>)>,
    /// `response_timeout`: 1 s to 24 h; `None`: the gateway's.
    pub response_timeout: Option<Duration>,
    /// `tunnel_timeout`: 1 s to 24 h; `None`: the gateway's.
    pub tunnel_timeout: Option<Duration>,
    /// `streams`; default: `until_revoked`.
    pub streams: Streams,
    /// `limit`; default: `off`.
    pub limit: RouteLimit,
    /// Its place among the routes, `route[2]`.
    pub name: String,
    /// Where it stands.
    pub origin: Origin,
}

/// What ends a WebSocket or a long answer while it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// That its token is revoked.
    UntilRevoked,
    /// That its token is revoked or expires.
    UntilExpired,
    /// Nothing.
    Keep,
}

/// How often requests may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteLimit {
    /// `off`: any number.
    Off,
    /// `plan`: as the plan says that the token names.
    OwnPlan,
    /// As this plan says, which is configured or built in.
    Plan(String),
}

/// Who may use a route. A public one cannot ask for anything.
#[derive(Debug, Clone, PartialEq)]
pub enum RouteAccess {
    /// Anybody; bad credentials are ignored.
    Public,
    /// Who has a token that meets all of these; what is empty asks for nothing.
    Token {
        /// Whether an anonymous one will do: `access = "anonymous"`.
        anonymous: bool,
        /// `roles`: one of these.
        roles: BTreeSet<String>,
        /// `plans`: one of these.
        plans: BTreeSet<String>,
        /// `scopes`: all of these.
        scopes: BTreeSet<String>,
        /// `claims`: all of these, equal.
        claims: BTreeMap<String, serde_json::Value>,
    },
}
