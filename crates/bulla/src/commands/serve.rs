//! `bulla serve`: issuer, gateway and, without configuration, the demo service in one process.

use std::{net::SocketAddr, process::ExitCode};

use super::Global;
use crate::{compose, logs};

const EXAMPLES: &str = "\
Examples:
  bulla serve                                      with the demo service, to try it out
  bulla serve --upstream http://localhost:3000     every path of your API needs a signed-in user
  bulla serve --config /etc/bulla/bulla.toml
  BULLA__LISTEN__PUBLIC=0.0.0.0:8080 bulla serve   any key of the configuration by environment

With --json, the first line says where it listens: {\"public\":…,\"admin\":…,\"data\":…,\"demo\":…},
and \"redirect\" if listen.redirect is set.
Routes, upstreams, trusted proxies, certificates and JWK set files are taken anew within seconds of
a change of their files, and on SIGHUP; a file with a mistake changes nothing. SIGTERM and Ctrl-C
let requests in flight end.
Exit codes: 0 ended when asked to, 1 could not start.";

/// The flags of `bulla serve`. Each overrides a key of the configuration.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Put login in front of this API: every path that is not Bulla's own goes there
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Where to listen for everybody (listen.public)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where to listen for administrators (listen.admin)
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// The address that clients know (`public_url`)
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Run the demo service although there is a configuration
    #[arg(long)]
    demo: bool,
}

/// Serves until it is told to end.
///
/// # Errors
/// It cannot start.
pub(crate) fn run(args: &Args, global: &Global) -> anyhow::Result<ExitCode> {
    let _logs = logs::start()?;
    let sources = global.config_sources(args.settings());
    compose::run(compose::serve::serve(sources, global.output()))?;
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// The flags as keys of the configuration.
    fn settings(&self) -> Vec<(String, String)> {
        let flags = [
            ("upstream", self.upstream.clone()),
            (
                "listen.public",
                self.listen.map(|address| address.to_string()),
            ),
            (
                "listen.admin",
                self.admin.map(|address| address.to_string()),
            ),
            ("public_url", self.public_url.clone()),
            ("demo", self.demo.then(|| "true".to_owned())),
        ];
        flags
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect()
    }
}
