//! What can be configured: a struct per section, each with its defaults.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    num::NonZeroU32,
    path::PathBuf,
    time::Duration,
};

use bulla_core::token::ProfileClaim;
use bulla_jose::jwa::Algorithm;
use http::Method;

use super::{
    problem::Origin,
    values::{Cidr, HttpOrigin, Rate},
};

/// All settings of one Bulla process.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where clients reach the public listener. `public_url`; default: `http://` and `listen.public`.
    pub public_url: HttpOrigin,
    /// Peers whose `Forwarded` and `X-Forwarded-*` count. `trusted_proxies`; default: none.
    pub trusted_proxies: Vec<Cidr>,
    /// Whether the demo service runs. `demo`; left out: yes if there is no configuration file, no
    /// `--upstream`, and the public listener is loopback.
    pub demo: bool,
    /// `[listen]`
    pub listen: Listen,
    /// `[store]`
    pub store: Store,
    /// `[tokens]`
    pub tokens: Tokens,
    /// `[session]`
    pub session: Session,
    /// `[password]`
    pub password: Password,
    /// `limits.address`; default: off.
    pub address_limit: AddressLimit,
    /// `[[upstream]]`, in file order; the names differ.
    pub upstreams: Vec<Upstream>,
    /// `[[route]]`, in file order; each names an upstream that exists.
    pub routes: Vec<Route>,
    /// The flag `upstream`: every path that is not Bulla's own goes there, for signed-in users.
    pub upstream: Option<HttpOrigin>,
}

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// All public traffic. `public`; default: `127.0.0.1:8080`.
    pub public: SocketAddr,
    /// Admin API, metrics and health. `admin`; default: `127.0.0.1:9090`.
    pub admin: SocketAddr,
}

/// Where accounts, sessions and keys are kept. `store.url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// `sqlite:PATH`; default: `sqlite:bulla-data/bulla.db`.
    Sqlite {
        /// As written: relative to the working directory.
        path: PathBuf,
    },
}

/// How access tokens are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// `algorithm`; default: `ES256`.
    pub algorithm: Algorithm,
    /// Claim `iss`. `issuer`; default: `public_url`.
    pub issuer: String,
    /// Claim `aud`. `audience`; default: `api`.
    pub audience: String,
    /// `access_lifetime`, 1 s to 24 h in whole seconds; default: 15 min.
    pub access_lifetime: Duration,
    /// Which parts of the profile go into tokens. `profile_claims`; default: `email`.
    pub profile_claims: BTreeSet<ProfileClaim>,
}

/// How long sessions last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// How long a refresh token is repeated instead of rotated. `settle`, up to 1 h; default: 60 s,
    /// 5 s while the demo service is on. Much below a second, two tabs that refresh at once look like a thief.
    pub settle: Duration,
    /// A session that was not refreshed for so long ends. `idle`; default: 14 days.
    pub idle: Duration,
    /// A session never lasts longer. `absolute`; default: 30 days.
    pub absolute: Duration,
    /// With one more, the oldest ends. `max_per_user`; default: 20.
    pub max_per_user: NonZeroU32,
}

/// What passwords are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// In characters, 4 to 128. `min_length`; default: 8.
    pub min_length: u32,
}

/// How many requests one address may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressLimit {
    /// Any number: `"off"`.
    Off,
    /// This many, with a burst of twice that. Parsed, but nothing enforces it in this version.
    Rate(Rate),
}

/// Servers that share one service: `[[upstream]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// `name`
    pub name: String,
    /// `servers`: at least one.
    pub servers: Vec<HttpOrigin>,
    /// Where it stands.
    pub origin: Origin,
}

/// A path in front of an upstream: `[[route]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// `path`: begins with `/`; `{name}` is a segment, `{*name}` the rest.
    pub path: String,
    /// `methods`; empty: all.
    pub methods: Vec<Method>,
    /// `upstream`: the name of one that exists.
    pub upstream: String,
    /// `access`; default: `authenticated`.
    pub access: RouteAccess,
    /// `body_limit` in bytes; `None`: any size.
    pub body_limit: Option<u64>,
    /// `forward_claims`: these go upstream as `X-Bulla-Claim-…`.
    pub forward_claims: Vec<String>,
    /// `forward_token`: whether the upstream sees `Authorization`; default: yes.
    pub forward_token: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// Who may use a route. A public one cannot ask for anything.
#[derive(Debug, Clone, PartialEq)]
pub enum RouteAccess {
    /// Anybody; bad credentials are ignored.
    Public,
    /// Signed-in users that meet all of these; what is empty asks for nothing.
    Authenticated {
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
