//! `bulla gateway`: the gateway alone, with the keys of any issuer. No file, no data folder.

use std::{net::SocketAddr, process::ExitCode};

use bulla_server::config::values::HttpOrigin;

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
      --listen 0.0.0.0:8080 --typ JWT --algorithms RS256

Every path needs a valid token of a signed-in user. A JWK set by URL is fetched again while the
gateway runs, and kept when its server is away; without any key the answer is 503, never 401.";

/// The flags of `bulla gateway`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    acceptance: Acceptance,
    /// The API behind the gateway
    #[arg(long, value_name = "URL")]
    upstream: HttpOrigin,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

/// Serves until it is told to end.
///
/// # Errors
/// It cannot start.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    logs::start()?;
    let acceptance = &args.acceptance;
    let settings = Settings {
        policy: acceptance.policy(),
        algorithms: acceptance.algorithms().to_vec(),
        keys: acceptance.jwks.clone(),
        upstream: args.upstream.clone(),
        listen: args.listen,
    };
    compose::run(compose::gateway::serve(settings, global.output()))?;
    Ok(ExitCode::SUCCESS)
}
