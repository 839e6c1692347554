//! `bulla gateway`: the gateway alone, with the keys of any issuer. No file, no data folder.

use std::{net::SocketAddr, num::NonZeroU32, process::ExitCode, str::FromStr};

use bulla_gateway::{AccessLines, AccessLog, AddressLimit, Limits};
use bulla_guard::{client::Cidr, limit::Quota};
use bulla_server::config::values::{
    HttpOrigin, InvalidValue, parse_address_limit, parse_cache_size, parse_network,
};

use super::{Global, acceptance::Acceptance};
use crate::{
    compose::{self, gateway::Settings},
    logs,
};

const EXAMPLES: &str = "\
Examples:
  bulla gateway --jwks https://login.example.com/jwks.json --issuer https://login.example.com \\
      --audience api --upstream http://localhost:3000
  bulla gateway --jwks keys.json --issuer I --audience A --upstream http://localhost:3000 \\
      --listen 0.0.0.0:8080 --typ JWT --algorithms RS256 --admin 127.0.0.1:9090

Every path needs a valid token of a signed-in user. A JWK set by URL is fetched again while the
gateway runs, and kept when its server is away; without any key the answer is 503, never 401.
--admin serves /healthz, /readyz (200 once there is a key) and /metrics, without a token.";

/// The flags of `bulla gateway`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    acceptance: Acceptance,
    /// Addresses that keys may be fetched from besides public ones over https; the one that --jwks itself names needs no
    /// listing (may be repeated)
    #[arg(long, value_name = "NETWORK", value_parser = parse_network)]
    jwks_address: Vec<Cidr>,
    /// The API behind the gateway
    #[arg(long, value_name = "URL")]
    upstream: HttpOrigin,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The address that clients know: pages from there may send a token by cookie [default: the one it listens at]
    #[arg(long, value_name = "URL")]
    public_url: Option<HttpOrigin>,
    /// A proxy whose X-Forwarded-* headers are believed, and which may ask at /forward-auth; may be repeated
    #[arg(long, value_name = "CIDR", value_parser = parse_network)]
    trusted_proxy: Vec<Cidr>,
    /// Requests of one client address, twice as many at once, or "off"
    #[arg(long, value_name = "RATE", default_value = "1000/s")]
    address_limit: AddressRate,
    /// Connections of one client address at once
    #[arg(long, value_name = "COUNT", default_value = "1024")]
    address_connections: NonZeroU32,
    /// Memory for verified tokens, at least 1MiB, or "off"
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    token_cache: TokenCache,
    /// Where to answer /healthz, /readyz and /metrics [default: nowhere]
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// Which requests are a line in the log: those that were refused, all, or none
    #[arg(long, value_name = "WHICH", value_enum, default_value = "off")]
    access_log: LoggedRequests,
}

/// As `log.access` in a configuration file.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LoggedRequests {
    Off,
    Refused,
    All,
}

/// Serves until it is told to end.
///
/// # Errors
/// It cannot start.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let _logs = logs::start()?;
    let acceptance = &args.acceptance;
    let settings = Settings {
        issuer: acceptance.issuer.clone(),
        policy: acceptance.policy(),
        algorithms: acceptance.algorithms().to_vec(),
        keys: acceptance.jwks.clone(),
        keys_addresses: args.jwks_address.clone(),
        upstream: args.upstream.clone(),
        listen: args.listen,
        public_url: args.public_url.clone(),
        trusted_proxies: args.trusted_proxy.clone(),
        limits: Limits {
            address: args.address_limit.0.map(AddressLimit::new),
            connections: Some(args.address_connections),
            ..Limits::default()
        },
        token_cache: args
            .token_cache
            .0
            .map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
        admin: args.admin,
        access_log: args.access_log.into(),
    };
    compose::run(compose::gateway::serve(settings, global.output()))?;
    Ok(ExitCode::SUCCESS)
}

impl From<LoggedRequests> for AccessLog {
    fn from(requests: LoggedRequests) -> Self {
        Self {
            lines: match requests {
                LoggedRequests::Off => AccessLines::Off,
                LoggedRequests::Refused => AccessLines::Refused,
                LoggedRequests::All => AccessLines::All,
            },
            subject: true,
            address: true,
            path: false,
        }
    }
}

/// As `limits.address` in a configuration file.
#[derive(Debug, Clone, Copy)]
struct AddressRate(Option<Quota>);

impl FromStr for AddressRate {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        parse_address_limit(text).map(Self)
    }
}

/// As `verification.cache` in a configuration file.
#[derive(Debug, Clone, Copy)]
struct TokenCache(Option<u64>);

impl FromStr for TokenCache {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        parse_cache_size(text).map(Self)
    }
}
