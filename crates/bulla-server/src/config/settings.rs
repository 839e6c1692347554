//! What can be configured: a struct per section, each with its defaults.

mod route;
mod upstream;

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use bulla_core::{
    account::PasswordPolicy,
    authentication::{LinkSettings, SessionSettings},
    token::TokenSettings,
};
use bulla_guard::{
    client::{Cidr, CookieNames},
    issuer::ClaimNames,
    limit::{Plan, Quota},
};
use bulla_jose::{
    jwa::{Algorithm, KeyManagement},
    jwt::{Audience, Issuer},
};

use lettre::message::Mailbox;

pub use self::{
    route::{Route, RouteAccess, RouteLimit, Streams},
    upstream::{Balance, HealthCheck, Protocol, Upstream},
};
use super::{
    values::{HttpOrigin, LinkBase},
    written::{Hidden, Written},
};
use crate::store::postgres::PostgresSettings;

/// All settings of one Bulla process.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where clients reach the public listener. `public_url`; default: `http://`, with `[tls]` `https://`, and
    /// `listen.public`.
    pub public_url: HttpOrigin,
    /// Peers whose `X-Forwarded-*` headers count, and who may ask at `/forward-auth`. `trusted_proxies`; default: none.
    pub trusted_proxies: Vec<Cidr>,
    /// Whether the demo service runs. `demo`; left out: yes if there is no configuration file, no
    /// `--upstream`, and the public listener is loopback.
    pub demo: bool,
    /// `cors`: the origins whose pages may send cookies to Bulla's own paths and read the answers; default: none.
    pub cors: Vec<Written>,
    /// `[cookies]`: what the cookies are called in which tokens are handed out; `None`: they are not. Default: `__Host-…`,
    /// and none where the tokens of the algorithm do not fit a cookie.
    pub cookies: Option<CookieNames>,
    /// `[listen]`
    pub listen: Listen,
    /// `[tls]`; `None`: nothing is encrypted.
    pub tls: Option<Tls>,
    /// `[store]`
    pub store: Store,
    /// What new signing keys are for. `tokens.algorithm`; default: `ES256`.
    pub algorithm: Algorithm,
    /// `[tokens]`: `issuer`, default: `public_url`; `audience`, default: `api`; `access_lifetime`, 1 s to 24 h in whole
    /// seconds, default: 15 min; `profile_claims`, default: `email`.
    pub tokens: TokenSettings,
    /// `[keys]`
    pub keys: Keys,
    /// `[session]`: `settle`, up to 1 h and shorter than `idle`, default: 60 s, 5 s while the demo service is on;
    /// `idle`, not longer than `absolute`, default: 14 days; `absolute`, default: 30 days; `max_per_user`, default: 20;
    /// `on_device_change` and `on_network_change`, default: `record`.
    pub session: SessionSettings,
    /// `[password]`: `min_length`, 4 to 128, default: 8.
    pub password: PasswordPolicy,
    /// What is done by mail. `registration.verify_email`; default: no. `login.mail`; default: off.
    pub links: LinkSettings,
    /// `[mail]`
    pub mail: Mail,
    /// How long audit events are kept, 1 day to 100 years. `audit.retention`; `None`: `forever`, the default.
    pub audit_retention: Option<Duration>,
    /// Whether visitors without an account are welcome. `anonymous.enabled`; default: yes.
    pub anonymous: bool,
    /// `[bans]`
    pub bans: Bans,
    /// `[verification]`
    pub verification: Verification,
    /// `[[trusted_issuer]]`, in file order; their names differ, and from `tokens.issuer`.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// `[limits]`
    pub limits: Limits,
    /// `[plans.NAME]`: `rate`; `burst`, default: the number of the rate; `key`, default: `subject`. Besides the built-in ones.
    pub plans: Vec<Plan>,
    /// `[log]`
    pub log: Log,
    /// `[telemetry]`; `None`: nobody is told.
    pub telemetry: Option<Telemetry>,
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
    /// Where plain HTTP is sent on to `public_url`, which is `https` and was set. `redirect`; default: nowhere.
    pub redirect: Option<SocketAddr>,
    /// Whether trusted proxies, of whom there are some, say in the PROXY protocol who connected to `public`.
    /// `proxy_protocol`; default: no.
    pub proxy_protocol: bool,
    /// Admin API, metrics and health. `admin`; default: `127.0.0.1:9090`.
    pub admin: SocketAddr,
}

/// What encrypts the public listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// `certificate`: a PEM file with the chain, relative to the working directory.
    pub certificate: Written,
    /// `key`: a PEM file with the private key.
    pub key: Written,
    /// `hsts`, in whole seconds and up to ten years: for how long clients shall come by TLS only; `None`: nothing is said
    /// about it.
    pub hsts: Option<Duration>,
}

/// How letters are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who sends them; `None`: nobody.
    pub server: Option<SmtpServer>,
    /// `templates`: a folder, relative to the working directory; `None`: all are built in.
    pub templates: Option<PathBuf>,
    /// `link_base`: where links lead; `None`: to pages of Bulla's at `public_url`.
    pub links: Option<LinkBase>,
    /// The file that the password is in: that of the configuration, or `password_file`; `None`: in none.
    pub secret_file: Option<PathBuf>,
}

/// An SMTP server that takes letters for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// Host of `url`.
    pub host: String,
    /// Port of `url`; default: 465 for `smtps`, 587 for `smtp`.
    pub port: u16,
    /// Scheme of `url`.
    pub encryption: Encryption,
    /// `username`, and `password` or what is in `password_file`; `None`: nobody signs in.
    pub credentials: Option<(String, Hidden)>,
    /// `from`
    pub from: Mailbox,
}

/// What encrypts the way to an SMTP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte: `smtps`.
    Implicit,
    /// STARTTLS, and nothing without it: `smtp`.
    StartTls,
    /// Nothing: `smtp` to this machine itself.
    None,
}

/// Where accounts, sessions and keys are kept. `store.url`, or `store.url_file`: a file that holds the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// `sqlite:PATH`; default: `sqlite:bulla-data/bulla.db`.
    Sqlite {
        /// As written: relative to the working directory.
        path: PathBuf,
    },
    /// `postgres://…`
    Postgres(PostgresDatabase),
}

/// A database on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresDatabase {
    /// `connections`, 1 to 1000, default: 16; `timeout`, 100 ms to 60 s, default: 800 ms.
    pub settings: PostgresSettings,
    /// The file that holds its password, if one does.
    pub secret_file: Option<PathBuf>,
}

/// When signing keys take over from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// For how long one signs. `rotate_every`, 1 s to ten years; `None`: `"off"`; default: 30 days.
    pub rotate_every: Option<Duration>,
    /// For how long one is published before it signs. `publish_ahead`, up to 30 days and not longer than `rotate_every`;
    /// default: 24 h.
    pub publish_ahead: Duration,
}

/// Who is judged by what comes from its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bans {
    /// Whether addresses are scored, challenged and banned by themselves; administrators can ban in any case. `automatic`;
    /// default: yes.
    pub automatic: bool,
    /// `exempt`: never scored, throttled, challenged or banned; default: `127.0.0.1` and `::1`.
    pub exempt: Vec<Cidr>,
}

/// How tokens are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// Bytes for verified tokens, so that a token that comes again is spared its signature. `cache`, at least 1 MiB;
    /// `None`: `"off"`; default: 64 MiB.
    pub cache: Option<u64>,
}

/// Whose tokens are accepted besides: `[[trusted_issuer]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// `issuer`: the claim `iss`.
    pub issuer: Issuer,
    /// `jwks`: a URL or a file, as written.
    pub jwks: Written,
    /// `jwks_max_age`: how long keys are good that could not be fetched again, 1 min to 30 days; default: 24 h.
    pub jwks_max_age: Duration,
    /// `jwks_addresses`: where keys may be fetched from besides public addresses over `https`; default: none.
    pub jwks_addresses: Vec<Cidr>,
    /// `audience`: the claim `aud` is or has this.
    pub audience: Audience,
    /// `typ`: one of these; default: `at+jwt`.
    pub types: Vec<String>,
    /// `algorithms`: one of these.
    pub algorithms: Vec<Algorithm>,
    /// `leeway`, up to 10 min in whole seconds; default: none.
    pub leeway: Duration,
    /// `claims`: what it calls what Bulla calls so.
    pub claims: ClaimNames,
    /// `decryption_key`; `None`: encrypted tokens are refused.
    pub encrypted: Option<EncryptedTokens>,
}

/// How tokens are decrypted that were encrypted after they were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptedTokens {
    /// `decryption_key`: a file, as written.
    pub key: Written,
    /// `decryption_algorithm`; `None`: the key says it itself.
    pub algorithm: Option<KeyManagement>,
}

/// What is told about requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Which requests are a line in the log. `access`; default: none.
    pub access: LoggedRequests,
    /// What else is in the line. `fields`; default: `subject` and `address`.
    pub fields: Vec<LogField>,
    /// The share of the traces begun here that is sampled, in parts of a million. `trace`; `None`: `pass`, none is begun;
    /// default: none, with `[telemetry]` all.
    pub trace: Option<u32>,
}

/// Who is told of requests, as spans of their traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    /// `otlp`: a collector that takes OTLP over HTTP.
    pub otlp: Written<HttpOrigin>,
    /// `service_name`; default: `bulla`.
    pub service_name: String,
}

/// Which requests are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedRequests {
    /// `off`
    Off,
    /// `refused`: those that their target did not answer.
    Refused,
    /// `all`
    All,
}

/// What could tell of a person, and so is logged only if it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogField {
    /// The token's subject.
    Subject,
    /// The client's address.
    Address,
    /// The path, without the query.
    Path,
}

/// How much may come from one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests. `address`, twice as many at once; `None`: `"off"`, any number; default: `1000/s`.
    pub address: Option<Quota>,
    /// Connections at once. `connections`, at least 1; default: 1024.
    pub connections: Option<NonZeroU32>,
}
